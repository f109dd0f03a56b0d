import TorrentCore

@testable import SwarmSimulator

/// Something to carry that a test knows again.
struct TestCargo: NetworkCargo, Hashable {
    let name: String
    let bytes: Int64
    let handling: CargoHandling

    static func message(_ name: String) -> TestCargo { TestCargo(name: name, bytes: 17, handling: .message) }
    static func ordered(_ name: String) -> TestCargo { TestCargo(name: name, bytes: 100, handling: .ordered) }
    static func block(_ name: String, bytes: Int64 = 1_000) -> TestCargo {
        TestCargo(name: name, bytes: bytes, handling: .payload)
    }
}

/// A network by itself, and what came of what was sent: names with milliseconds. Each line sends a thousand bytes a
/// second and takes a million, ten milliseconds from the middle.
final class NetworkStage: NetworkUser {
    var now = Moment.zero
    var generator = SplitMix64(seed: 1)
    let network: Network<NetworkStage>
    private(set) var arrived: [String] = []
    private(set) var began: [String] = []
    private(set) var left: [String] = []
    private(set) var waits: [Duration] = []
    /// The first byte of each datagram that was delivered, and when.
    private(set) var delivered: [(number: UInt8, at: Duration)] = []
    private var queue = EventQueue<NetworkEvent<TestCargo>>()

    init(
        lines: Int = 2, ramp: LinkRamp? = nil, tellsBeginnings: Bool = false, seed: UInt64 = 1,
        _ change: (inout DatagramConduct) -> Void = { _ in }
    ) {
        var conduct = DatagramConduct()
        change(&conduct)
        network = Network(ramp: ramp, tellsBeginnings: tellsBeginnings, datagrams: conduct, seed: seed)
        for _ in 0..<lines {
            network.add(Line(upload: 1_000, download: 1_000_000, latency: .milliseconds(10)))
        }
    }

    func send(_ cargo: TestCargo..., over flow: Int) {
        for cargo in cargo { network.send(cargo, over: flow, for: self) }
    }

    /// Sends a datagram that fills the line for so many milliseconds.
    func datagram(_ number: Int, from: Int = 0, to: Int = 1, milliseconds: Int = 100) {
        let bytes = [UInt8(number)] + [UInt8](repeating: 0, count: milliseconds - Datagram.headerBytes - 1)
        network.send(Datagram(from: from, to: to, bytes: bytes), for: self)
    }

    /// Lets everything happen that is under way, until so long from now.
    func run(for time: Duration = .seconds(1_000)) {
        let end = now + time
        while let (moment, event) = queue.pop() {
            guard moment <= end else {
                queue.push(event, at: moment)
                break
            }
            now = moment
            handle(event)
        }
        now = max(now, end)
    }

    func schedule(_ event: NetworkEvent<TestCargo>, at moment: Moment) { queue.push(event, at: moment) }
    func left(_ cargo: TestCargo, flow: Int) { left.append(said(cargo)) }
    func waited(_ time: Duration, flow: Int) { waits.append(time) }

    private func handle(_ event: NetworkEvent<TestCargo>) {
        switch event {
        case .lineIsFree(let line, let task): network.lineIsFree(line, task, for: self)
        case .acknowledged(let flow, let bytes): network.acknowledged(bytes, of: flow, for: self)
        case .begins(let cargo, _): began.append(said(cargo))
        case .arrived(let cargo, _): arrived.append(said(cargo))
        case .reached(let datagram): network.reached(datagram, for: self)
        case .delivered(let datagram): delivered.append((datagram.bytes[0], now - .zero))
        }
    }

    private func said(_ cargo: TestCargo) -> String {
        "\(cargo.name) \(Int64(((now - .zero) / .milliseconds(1)).rounded()))"
    }
}
