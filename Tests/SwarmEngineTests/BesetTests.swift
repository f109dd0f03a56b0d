import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// Many who only claim to be interested, and one who is.
@Suite struct BesetTests {
    /// A quick line: a block leaves in 10 ms. The first request comes 20 ms after an unchoke.
    @Test(arguments: [SwarmRules.serial, .fitting])
    func whoTakesBlocksIsServedWhateverOthersClaim(_ rules: SwarmRules) throws {
        let stage = SwarmStage(
            pieces: 64, pieceLength: 4 * 16_384, seeder: true, rules: rules, adapt: { $0.connections = 60 })
        stage.start()
        var pretenders: [ConnectionID] = []
        for number in 1...40 as ClosedRange<UInt64> {
            let id = stage.join(number, has: [])
            stage.receive(.interested, from: id)
            pretenders.append(id)
        }
        stage.pass(.seconds(5))
        let honest = stage.join(50, has: [])
        var effects = stage.receive(.interested, from: honest)
        var serving: [BlockRequest] = []
        var shown: [Int] = []
        var (piece, taken, isUnchoked) = (0, 0, false)
        for _ in 0..<3_000 {
            for effect in effects {
                switch effect {
                case .send(honest, .unchoke): isUnchoked = true
                case .send(honest, .choke): isUnchoked = false
                case .send(honest, .have(let number)): shown.append(Int(number))
                case .serve(let id, let block): if id == honest { serving.append(block) }
                default: break
                }
            }
            effects = stage.pass(.milliseconds(10))
            if !serving.isEmpty {
                let block = serving.removeFirst()
                taken += 1
                effects += stage.tell(.blockSent(block, to: honest))
                if taken % 4 == 0 { effects += stage.receive(.have(UInt32(block.piece.number)), from: honest) }
            } else if isUnchoked, let next = rules == .serial ? piece : shown.popLast() {
                isUnchoked = false
                piece += 1
                for number in 0..<4 where next < 64 {
                    effects += stage.receive(.request(stage.block(next, number)), from: honest)
                }
            }
        }
        // Alone it would have all 256 in a tenth of the time.
        #expect(taken == 256, "\(taken) blocks")
    }
}
