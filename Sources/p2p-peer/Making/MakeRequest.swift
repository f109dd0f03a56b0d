internal import ByteStrings
internal import CommandLineKit
internal import PeerRuntime
internal import TorrentCore
internal import TorrentIO

/// The options of `make`, checked.
struct MakeRequest {
    var options = MakeOptions()
    var tiers: [[String]] = []
    var webSeeds: [String] = []
    var nodes: [Metainfo.DHTNode] = []
    var comment: String?
    var source: String?
    var isPrivate = false
    var creationDate: Int64?

    private static let webURL = ValueParser<String>.url(schemes: ["http", "https", "ftp"])

    init(_ arguments: ParsedArguments) throws(CommandError) {
        options.name = try arguments.value(MakeCommand.name, .path)
        options.pieceLength = try arguments.value(MakeCommand.pieceLength, .pieceLength)
        options.include = try arguments.values(MakeCommand.include, .glob)
        options.exclude = try arguments.values(MakeCommand.exclude, .glob)
        if let threads = try arguments.value(MakeCommand.threads, .integer(1...1_024)) { options.threads = threads }
        tiers = try arguments.values(MakeCommand.announce, .tier)
        webSeeds = try arguments.values(MakeCommand.webSeed, Self.webURL)
        nodes = try arguments.values(MakeCommand.node, .hostAndPort).map {
            Metainfo.DHTNode(host: $0.host ?? "", port: $0.port)
        }
        comment = try arguments.value(MakeCommand.comment, .text)
        source = try arguments.value(MakeCommand.source, .text)
        isPrivate = arguments.has(MakeCommand.isPrivate)
        guard !isPrivate || nodes.isEmpty else {
            throw CommandError(
                .usage, "--private and --node contradict each other: the DHT is not for private torrents")
        }
        creationDate = try Self.date(arguments)
    }

    /// Adds what does not depend on the content.
    func apply(to builder: inout MetainfoBuilder) {
        builder.trackerTiers = tiers
        builder.webSeeds = webSeeds
        builder.nodes = nodes
        builder.comment = comment
        builder.source = source
        builder.isPrivate = isPrivate
        builder.creationDate = creationDate
    }

    /// `--date`, else SOURCE_DATE_EPOCH (reproducible-builds.org), else now; nil with `--no-date`.
    private static func date(_ arguments: ParsedArguments) throws(CommandError) -> Int64? {
        let given = try arguments.value(MakeCommand.date, .date)
        if arguments.has(MakeCommand.noDate) {
            guard given == nil else { throw CommandError(.usage, "--date and --no-date contradict each other") }
            return nil
        }
        if let given { return given }
        guard let epoch = ProcessEnvironment.value(of: "SOURCE_DATE_EPOCH"), !epoch.isEmpty else {
            return WallClock.secondsSince1970()
        }
        guard let seconds = epoch.text.flatMap({ Int64($0) }), seconds >= 0 else {
            throw CommandError(.usage, "the variable SOURCE_DATE_EPOCH: \"\(epoch)\" is not a number of seconds")
        }
        return seconds
    }
}

extension ValueParser<Int> {
    /// A number below 30 is a power of two, anything else a size.
    static var pieceLength: ValueParser<Int> {
        ValueParser(expected: "a piece length (for example 18, which is 2^18, or 256K)") { text in
            if let power = Int(text), (0..<30).contains(power) { return 1 << power }
            return ValueParser<Int64>.size.parse(text).flatMap { Int(exactly: $0) }
        }
    }
}

extension ValueParser<[String]> {
    /// Trackers of one tier, with commas between them.
    fileprivate static var tier: ValueParser<[String]> {
        ValueParser(expected: "a tracker's URL (http, https or udp; commas between several of a tier)") { text in
            let parser = ValueParser<String>.url(schemes: ["http", "https", "udp"])
            let urls = ByteString(text).split(separator: ",").compactMap(\.text)
            return urls.allSatisfy { parser.parse($0) != nil } ? urls : nil
        }
    }
}

extension ValueParser<Glob> {
    fileprivate static var glob: ValueParser<Glob> {
        ValueParser(expected: "a pattern (for example '*.tmp' or 'raw/**')", bytes: { Glob($0) })
    }
}

extension ValueParser<Int64> {
    /// Seconds since 1970, `2026-11-21`, or `2026-11-21T10:30:00Z`.
    static var date: ValueParser<Int64> {
        ValueParser<Int64>(expected: "a date (seconds since 1970, 2026-11-21 or 2026-11-21T10:30:00Z)") { text in
            if let seconds = Int64(text) { return seconds >= 0 ? seconds : nil }
            guard let match = text.wholeMatch(of: #/(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d):(\d\d)Z?)?/#),
                let year = Int64(match.1), let month = Int64(match.2), let day = Int64(match.3),
                let date = CivilDate(year: year, month: month, day: day)
            else { return nil }
            let hour = match.4.flatMap { Int64($0) } ?? 0
            let minute = match.5.flatMap { Int64($0) } ?? 0
            let second = match.6.flatMap { Int64($0) } ?? 0
            guard hour < 24, minute < 60, second < 61 else { return nil }
            return date.daysSince1970 * 86_400 + hour * 3_600 + minute * 60 + second
        }
    }
}
