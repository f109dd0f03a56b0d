import DHTEngine
import SwarmSimulator

/// A kind of lookup, under the name by which the command knows it.
struct DHTCase {
    let name: String
    private(set) var plan = DHTLookupPlan()

    init(_ name: String, _ change: (inout DHTLookupPlan) -> Void = { _ in }) {
        self.name = name
        change(&plan)
    }

    private static let liars = 0.2

    static let all: [DHTCase] = [
        DHTCase("warm"),
        DHTCase("liars") { $0.crowd.liarPart = liars },
        DHTCase("plain") { $0.rules = .plain },
        DHTCase("plain-liars") {
            $0.rules = .plain
            $0.crowd.liarPart = liars
        },
        DHTCase("plain-unchecked") {
            $0.rules = .plain
            $0.rules.checksIDs = false
            $0.crowd.liarPart = liars
        },
        DHTCase("bootstrap") { $0.start = .bootstrap },
        DHTCase("bootstrap-liars") {
            $0.start = .bootstrap
            $0.crowd.liarPart = liars
        },
        DHTCase("half-dead") { $0.start = .memory(deadPart: 0.5) },
        DHTCase("half-dead-liars") {
            $0.start = .memory(deadPart: 0.5)
            $0.crowd.liarPart = liars
        },
        DHTCase("nine-dead") { $0.start = .memory(deadPart: 0.9) },
        DHTCase("nine-dead-liars") {
            $0.start = .memory(deadPart: 0.9)
            $0.crowd.liarPart = liars
        },
        DHTCase("attack-late") { $0.attack = .late },
        DHTCase("attack-old") { $0.attack = .old },
        DHTCase("attack-old-liars") {
            $0.attack = .old
            $0.crowd.liarPart = liars
        },
    ]
}
