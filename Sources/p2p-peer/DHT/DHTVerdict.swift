internal import CommandLineKit
internal import DHTEngine
internal import PeerEvents
internal import PeerRuntime
internal import TorrentCore

/// What came of a question to the DHT: the lines at the end, and the exit code.
struct DHTVerdict {
    let action: DHTCommand.Action
    let question: DHTInquirer.Question
    let answers: [DHTInquirer.Answer]
    let limit: Duration
    /// Why it could not be asked.
    let problem: String?

    private var outcomes: [DHTOutcome] { answers.map(\.outcome) }
    private var peers: [Endpoint] { outcomes.flatMap(\.peers) }
    private var stored: Int { outcomes.reduce(0) { $0 + $1.stored } }

    /// Throws where nothing came of it.
    func tell(_ view: DHTView, _ output: Output) throws(CommandError) -> ExitCode {
        if output.isJSON {
            for answer in answers { output.event(object(answer)) }
        } else if !output.isQuiet {
            output.result(view.table)
        }
        let asked = outcomes.contains { $0.answers > 0 }
        guard asked else { throw CommandError(.network, nobodyAnswers) }
        let lines = lines
        if !output.isJSON { output.result(lines) }
        if action == .lookup, peers.isEmpty { throw CommandError(.notFound, "the DHT knows nobody who has it") }
        if action == .announce, stored == 0 { throw CommandError(.network, "no node has taken the announce") }
        return .success
    }

    private var nobodyAnswers: TerminalText {
        let time = HumanUnits.duration(limit)
        guard case .ping(let place) = question else {
            return "no node of the DHT answers within \(time); is the network up, and --dht-bootstrap right?"
        }
        return problem.map { "\($0)" } ?? "\(place.host):\(place.port) does not answer"
    }

    private var lines: [TerminalText] {
        switch action {
        case .ping:
            answers.map { "the node is there: \($0.outcome.closest.first.map { "\($0.id)" } ?? "it has no id")" }
        case .lookup: peers.map { "\($0)" } + answers.map { summary($0) }
        case .announce: answers.map { summary($0) } + ["\(HumanUnits.count(stored, "node has", "nodes have")) taken it"]
        case .stats: answers.flatMap { stats($0) }
        }
    }

    private func summary(_ answer: DHTInquirer.Answer) -> TerminalText {
        let outcome = answer.outcome
        let peers = HumanUnits.count(outcome.peers.count, "peer", "peers")
        let first: TerminalText =
            outcome.firstPeers.map { ", the first after \(DHTStepWords.milliseconds($0)) ms" } ?? ""
        let queries = HumanUnits.count(outcome.queries, "query", "queries")
        let answers = HumanUnits.count(outcome.answers, "answer", "answers")
        let hops = HumanUnits.count(outcome.hops, "hop", "hops")
        let took = DHTStepWords.milliseconds(outcome.took)
        return "\(answer.family.rawValue): \(peers)\(first); \(queries), \(answers), \(hops), \(took) ms"
    }

    private func stats(_ answer: DHTInquirer.Answer) -> [TerminalText] {
        let figures = answer.figures
        var table = Table()
        table.add("family", "\(answer.family.rawValue)")
        table.add("id", "\(figures.id)")
        table.add("nodes", "\(HumanUnits.count(figures.nodes)), \(HumanUnits.count(figures.goodNodes)) answered lately")
        if let time = figures.roundTrip { table.add("round trip", "\(DHTStepWords.milliseconds(time)) ms") }
        if let all = figures.estimatedNodes { table.add("nodes in all", "about \(HumanUnits.count(all))") }
        table.add(
            "questions",
            "\(HumanUnits.count(figures.traffic.asked)) asked, \(HumanUnits.count(figures.traffic.answered)) answered, "
                + "\(HumanUnits.count(figures.traffic.timedOut)) in vain")
        table.add(
            "bytes",
            "\(HumanUnits.size(Int64(figures.traffic.sentBytes))) sent, "
                + "\(HumanUnits.size(Int64(figures.traffic.receivedBytes))) received")
        return table.lines
    }

    private func object(_ answer: DHTInquirer.Answer) -> JSONValue {
        let (outcome, figures) = (answer.outcome, answer.figures)
        var members: [JSONValue.Member] = [
            .init("event", .string("dht_\(action.rawValue)")), .init("family", .string(answer.family.rawValue)),
            .init("queries", .integer(Int64(outcome.queries))), .init("answers", .integer(Int64(outcome.answers))),
            .init("hops", .integer(Int64(outcome.hops))), .init("ms", DHTStepWords.number(outcome.took)),
            .init("closest", .array(outcome.closest.map { .string("\($0.endpoint)") })),
        ]
        switch action {
        case .ping: members.append(.init("id", outcome.closest.first.map { .string("\($0.id)") } ?? .null))
        case .lookup:
            members += [
                .init("peers", .integer(Int64(outcome.peers.count))),
                .init("found", .array(outcome.peers.map { .string("\($0)") })),
                .init("first_peers_ms", outcome.firstPeers.map(DHTStepWords.number) ?? .null),
            ]
        case .announce: members.append(.init("stored", .integer(Int64(outcome.stored))))
        case .stats:
            members += [
                .init("id", .string("\(figures.id)")), .init("nodes", .integer(Int64(figures.nodes))),
                .init("good_nodes", .integer(Int64(figures.goodNodes))),
                .init("estimated_nodes", figures.estimatedNodes.map { .integer(Int64($0)) } ?? .null),
                .init("round_trip_ms", figures.roundTrip.map(DHTStepWords.number) ?? .null),
                .init("asked", .integer(Int64(figures.traffic.asked))),
                .init("answered", .integer(Int64(figures.traffic.answered))),
                .init("timed_out", .integer(Int64(figures.traffic.timedOut))),
                .init("sent_bytes", .integer(Int64(figures.traffic.sentBytes))),
                .init("received_bytes", .integer(Int64(figures.traffic.receivedBytes))),
            ]
        }
        return .object(members)
    }
}
