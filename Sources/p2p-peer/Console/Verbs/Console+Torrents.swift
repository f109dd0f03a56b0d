internal import ByteStrings
internal import CommandLineKit
internal import PeerEvents
internal import PeerRuntime
internal import TorrentCore
internal import TransferReporting

// What is here, and what it may do.
extension Console {
    private static let one = CommandSpec.Argument("N", help: "a torrent of this console: its number, or its name")
    private static let some = CommandSpec.Argument(
        "N", .oneOrMore, help: "torrents of this console: their numbers, or their names")

    static let status = Verb(CommandSpec(verb: "status", summary: "Shows the torrents of this console.")) {
        console, _ throws(CommandError) in
        console.sayStatus()
    }

    static let pause = Verb(
        CommandSpec(verb: "pause", summary: "Closes the connections of torrents until resume.", arguments: [some]),
        completes: [.ours]
    ) { console, arguments throws(CommandError) in
        try console.forEach(arguments, "paused") { (node, infoHash) throws(NodeError) in try node.pause(infoHash) }
    }

    static let resume = Verb(
        CommandSpec(verb: "resume", summary: "Goes on with paused torrents.", arguments: [some]), completes: [.ours]
    ) { console, arguments throws(CommandError) in
        try console.forEach(arguments, "resumed") { (node, infoHash) throws(NodeError) in try node.resume(infoHash) }
    }

    static let remove = Verb(
        CommandSpec(
            verb: "remove", summary: "Ends torrents here; what is on the disk stays there.", arguments: [some]),
        completes: [.ours]
    ) { console, arguments throws(CommandError) in
        try console.forEach(arguments, "removed") { (node, infoHash) throws(NodeError) in try node.remove(infoHash) }
    }

    static let limit = Verb(
        CommandSpec(
            verb: "limit", summary: "Limits the rate of all, or of one torrent; alone it shows the limits.",
            arguments: [
                .init("up|down", .optional, help: "what is sent, or what is received"),
                .init("RATE", .optional, help: "bytes a second: 500K, 2M, 8Mbit; 0 or none is no limit"),
                .init("N", .optional, help: "for this torrent alone"),
            ],
            examples: [.init("limit up 500K", "in all"), .init("limit down 2M 1", "of torrent 1")]),
        completes: [.words(["up", "down"]), .free, .ours]
    ) { console, arguments throws(CommandError) in
        let words = arguments.positionals
        guard let direction = words.first else { return console.sayLimits() }
        guard words.count > 1 else { throw CommandError(.usage, "RATE is missing: limit \(direction) RATE [N]") }
        try console.setLimit(direction, words[1], words.count > 2 ? words[2] : nil)
    }

    private static let time = Option("time", short: "t", value: "TIME", help: "at most: 90s, 10m or 2h")

    static let wait = Verb(
        CommandSpec(
            verb: "wait", summary: "Waits until what is downloaded is complete.",
            details: ["For scripts: the next command begins when all, or torrent N, is there."],
            arguments: [.init("N", .optional, help: "this torrent alone")], options: [time]),
        completes: [.ours]
    ) { console, arguments throws(CommandError) in
        let limit = try arguments.value(time, .duration(unit: .seconds(1)))
        let one = try arguments.positionals.first.map { (word) throws(CommandError) in
            try console.torrents.find(word).infoHash
        }
        try console.wait(for: one, limit)
    }

    private func forEach(
        _ arguments: ParsedArguments, _ done: TerminalText,
        _ body: (PeerNode, InfoHash) throws(NodeError) -> Void
    ) throws(CommandError) {
        // All are looked up before anything is done.
        var found: [TorrentStatus] = []
        for word in arguments.positionals { found.append(try torrents.find(word)) }
        for torrent in found {
            try asking { () throws(NodeError) in try body(node, torrent.infoHash) }
            say("\(torrent.name) is \(done)")
        }
    }

    // MARK: Status

    func sayStatus() {
        let all = torrents.all
        guard !output.isJSON else {
            output.event([
                "event": "status",
                "torrents": .array(all.map { $0.status.object($0.number, word: word(of: $0.status)) }),
            ])
            return
        }
        guard !all.isEmpty else { return say("no torrents yet: upload, download or seed one") }
        var table = Table([.right, .left, .left, .right, .right, .right, .right], indent: 0)
        table.add("N", "name", "state", "done", "down", "up", "peers")
        for (number, status) in all {
            let progress = status.progress
            table.add(
                "\(number)", TerminalText(status.name).cut(to: 32), word(of: status),
                progress.totalBytes > 0
                    ? "\(HumanUnits.percentage(progress.totalBytes - progress.left, of: progress.totalBytes))" : "-",
                "\(HumanUnits.rate(progress.downloadRate))", "\(HumanUnits.rate(progress.uploadRate))",
                "\(HumanUnits.count(progress.peers))")
        }
        for (position, line) in table.lines.enumerated() { say(position == 0 ? line.styled(.dim) : line) }
    }

    /// Its figures are those of a second ago; that it is complete is known at once.
    private func word(of status: TorrentStatus) -> TerminalText {
        isComplete(status) && !status.hasEnded ? "\("seeding", .good)" : status.word
    }

    /// The news may be of one that was removed: then this one is not there yet.
    private func isComplete(_ status: TorrentStatus) -> Bool {
        let progress = status.progress
        guard progress.totalBytes > 0, progress.left == 0 else { return false }
        return progress.state == .leeching ? news[status.infoHash].isComplete : progress.state == .seeding
    }

    // MARK: Limits

    private func sayLimits() {
        guard !output.isJSON else {
            output.event([
                "event": "limits", "up": limits.upload.map { .integer(Int64($0)) } ?? .null,
                "down": limits.download.map { .integer(Int64($0)) } ?? .null,
            ])
            return
        }
        say("up \(Self.words(limits.upload)), down \(Self.words(limits.download)) in all")
        for (number, status) in torrents.all where status.limits.upload != nil || status.limits.download != nil {
            let (up, down) = (Self.words(status.limits.upload), Self.words(status.limits.download))
            say("\(number)  \(status.name): up \(up), down \(down)")
        }
    }

    private static func words(_ rate: Int?) -> TerminalText {
        rate.map { "\(HumanUnits.rate(Double($0)))" } ?? "without a limit"
    }

    func setLimit(_ direction: ByteString, _ rate: ByteString, _ torrent: ByteString?) throws(CommandError) {
        let isUp = direction == "up" || direction == "upload"
        guard isUp || direction == "down" || direction == "download" else {
            throw CommandError(.usage, "\"\(direction)\" is neither up nor down: limit up RATE, limit down RATE")
        }
        guard let bytes = rate == "none" ? 0 : ValueParser<Int64>.rate.parse(rate) else {
            throw CommandError(.usage, "\"\(rate)\" is not \(ValueParser<Int64>.rate.expected)")
        }
        let limit = bytes > 0 ? Int(clamping: bytes) : nil
        let one = try torrent.map { (word) throws(CommandError) in try torrents.find(word) }
        var changed = one?.limits ?? limits
        if isUp { changed.upload = limit } else { changed.download = limit }
        if let one {
            try asking { () throws(NodeError) in try node.setLimits(changed, for: one.infoHash) }
        } else {
            try asking { () throws(NodeError) in try node.setLimits(changed) }
            limits = changed
        }
        let whose: TerminalText = one.map { "\($0.name)" } ?? "all together"
        say("\(whose): \(isUp ? "up" : "down") \(Self.words(limit))")
    }

    // MARK: Waiting

    private func wait(for one: InfoHash?, _ limit: Duration?) throws(CommandError) {
        func meant() -> [TorrentStatus] {
            torrents.all.map(\.status).filter { $0.role == .leech && (one == nil || one == $0.infoHash) }
        }
        func open() -> [TorrentStatus] { meant().filter { !$0.hasEnded && !isComplete($0) } }
        func names(_ some: [TorrentStatus]) -> TerminalText {
            "\(some.first?.name ?? "")\(some.count > 1 ? " and \(some.count - 1) more" : "")"
        }
        let waited = open()
        if prompt != nil, !waited.isEmpty { say("waiting for \(names(waited)); Ctrl-C ends it") }
        let isDone = input.wait(for: limit) { open().allSatisfy { $0.progress.state == .paused } }
        for status in meant() {
            guard let failure = status.failure else { continue }
            throw CommandError(failure.kind.exitCode, "\(status.name): \(failure.message)")
        }
        let left = open()
        guard let first = left.first else { return }
        if isDone { throw CommandError(.unfinished, "\(first.name) is paused; resume goes on with it") }
        throw CommandError(.unfinished, "\(names(left)) is not complete yet")
    }
}

extension TorrentStatus {
    fileprivate var word: TerminalText {
        if failure != nil { return "\("failed", .bad)" }
        return switch progress.state {
        case .checking: "\("checking", .warning)"
        case .leeching: "downloading"
        case .seeding: "\("seeding", .good)"
        case .stopped: "stopped"
        case .fetchingMetadata: "metadata"
        case .paused: "\("paused", .warning)"
        }
    }

    fileprivate func object(_ number: Int, word: TerminalText) -> JSONValue {
        [
            "number": .integer(Int64(number)), "infohash": .string(infoHash.description), "name": .string(name),
            "dir": .bytes(folder), "role": .string(role == .seed ? "seed" : "leech"), "state": .string(word.plain),
            "size": .integer(progress.totalBytes), "left": .integer(progress.left),
            "downloaded": .integer(progress.downloaded), "uploaded": .integer(progress.uploaded),
            "down_rate": .integer(Int64(progress.downloadRate)), "up_rate": .integer(Int64(progress.uploadRate)),
            "peers": .integer(Int64(progress.peers)), "seeds": .integer(Int64(progress.seeds)),
        ]
    }
}
