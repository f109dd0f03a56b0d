internal import CommandLineKit
internal import DHTEngine
internal import PeerEvents
internal import PeerRuntime
internal import Synchronization
internal import TorrentCore
internal import TransferReporting

/// Shows what is asked of whom: an object a step, or a table at the end. For any thread.
final class DHTView: Sendable {
    private let output: Output
    private let said = Mutex<String?>(nil)
    private let steps = Mutex<[(family: DHTNews.Family, step: DHTStep)]>([])

    /// A lookup asks far fewer.
    private static let mostSteps = 1_000

    init(_ output: Output) {
        self.output = output
    }

    func show(_ news: DHTInquirer.News) {
        switch news {
        case .node(let news):
            if output.isJSON {
                for object in TransferEvents.objects(.dht(news)) { output.event(object) }
            } else {
                output.log(DHTWords.line(news), level: 1)
            }
        case .step(let family, let step):
            if output.isJSON {
                output.event(DHTStepWords(step).object(family))
            } else {
                steps.withLock { if $0.count < Self.mostSteps { $0.append((family, step)) } }
            }
        case .notice(let notice):
            // That a node which the user named is unknown is said at the end, as the reason why nothing came of it.
            let isProblem = notice.code == "dht_bootstrap" && !notice.isDetail
            if isProblem { said.withLock { $0 = notice.text } }
            if output.isJSON {
                for object in TransferEvents.objects(.notice(nil, notice)) { output.event(object) }
            } else if !isProblem {
                output.log("\(notice.text)", level: notice.isDetail ? 1 : 0)
            }
        }
    }

    /// Why nothing came of it, as far as that was said.
    var problem: String? { said.withLock(\.self) }

    /// The steps in their order, aligned.
    var table: [TerminalText] {
        let steps = steps.withLock(\.self)
        guard !steps.isEmpty else { return [] }
        var table = Table([.right, .left, .right])
        table.add("hops", "node", "time", "answer")
        for (_, step) in steps {
            let words = DHTStepWords(step)
            table.add("\(step.hops)", "\(step.endpoint)", words.time, words.answer)
        }
        return table.lines
    }
}

/// One step, for people and for scripts. Pure.
struct DHTStepWords {
    private let step: DHTStep

    init(_ step: DHTStep) {
        self.step = step
    }

    /// "92 ms", empty where nothing came back.
    var time: TerminalText {
        switch step.result {
        case .answered(let time, _, _), .stored(let time): "\(Self.milliseconds(time)) ms"
        case .refused, .silent: ""
        }
    }

    var answer: TerminalText {
        let doubt: TerminalText = step.isFitting ? "" : ", its id does not fit its address"
        return switch step.result {
        case .answered(_, let nodes, let peers):
            "\(peers > 0 ? HumanUnits.count(peers, "peer", "peers") + ", " : "")"
                + "\(HumanUnits.count(nodes, "node", "nodes"))\(doubt)"
        case .refused(let code): "refused with error \(code)\(doubt)"
        case .silent: "no answer"
        case .stored: "has taken the announce"
        }
    }

    func object(_ family: DHTNews.Family) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("event", "dht_step"), .init("family", .string(family.rawValue)),
            .init("address", .string(step.endpoint.address.description)),
            .init("port", .integer(Int64(step.endpoint.port))),
            .init("id", step.id.map { .string("\($0)") } ?? .null), .init("hops", .integer(Int64(step.hops))),
            .init("fitting", .bool(step.isFitting)),
        ]
        switch step.result {
        case .answered(let time, let nodes, let peers):
            members += [
                .init("result", "answered"), .init("ms", Self.number(time)), .init("nodes", .integer(Int64(nodes))),
                .init("peers", .integer(Int64(peers))),
            ]
        case .refused(let code): members += [.init("result", "refused"), .init("code", .integer(Int64(code)))]
        case .silent: members.append(.init("result", "silent"))
        case .stored(let time): members += [.init("result", "stored"), .init("ms", Self.number(time))]
        }
        return .object(members)
    }

    static func number(_ time: Duration) -> JSONValue { .number((time.inSeconds * 1_000_000).rounded() / 1_000) }
    static func milliseconds(_ time: Duration) -> Int64 { Int64((time.inSeconds * 1_000).rounded()) }
}
