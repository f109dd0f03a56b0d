import Foundation
import SwarmEngine
import Testing

/// Conversations to be drawn: a hundred thousand in optimised builds, with P2P_MANY_CONVERSATIONS=1.
private let conversations = getenv("P2P_MANY_CONVERSATIONS") == nil ? 150 : 100_000

@Suite struct ConversationTests {
    /// Chokes, rejects, cancels, blocks in any order and unasked, cut anywhere: what is in the slots is what was sent,
    /// and nobody honest is blamed.
    @Test func whatIsInTheSlotsIsWhatWasSent() throws {
        let stages = [
            try SessionStage(length: 200_001, pieceLength: 16_384, rules: .slots),
            try SessionStage(length: 230_001, pieceLength: 49_152, rules: .fitting),
            try SessionStage(length: 262_144, pieceLength: 131_072, rules: .serial),
        ]
        var problems: [String] = []
        for seed in 0..<conversations where problems.count < 10 {
            var conversation = Conversation(on: stages[seed % stages.count], seed: UInt64(seed))
            if let problem = try conversation.run() { problems.append("seed \(seed): \(problem)") }
        }
        #expect(problems == [])
    }
}
