internal import CommandLineKit
internal import TransferReporting

/// `p2p-peer share PATH...`.
enum ShareCommand {
    static let until = Option("until", value: "N", help: "end with 0 when N others have everything")
    static let once = Option("once", help: "end when one other has everything: --until 1")
    static let time = Option("time", value: "MINUTES", help: "end after so long; also 90s or 2h")
    static let code = Option("qr", help: "draw the URL as a QR code, on a terminal")
    static let tracker = Option(
        TransferOptions.tracker.name, value: "[ADDR:]PORT", default: "6969, or a free one if that is taken",
        help: "where the tracker with its catalogue listens")

    static let spec = CommandSpec(
        "share", summary: "Shares files and folders with whoever gets the line that it prints.",
        details: [
            "It makes a torrent of each PATH, kept for the next time and made again only when something there has "
                + "changed, is its tracker with a catalogue, serves it, and prints what others type: p2p-peer get URL. "
                + "PATH is only read.",
            "Who fetches and how far each is stands below. Ctrl-C ends it; --until and --time end it by themselves. "
                + "With --until it ends with 7 if fewer have everything when it is stopped.",
        ],
        arguments: [.init("PATH", .oneOrMore, completion: .file, help: "files and folders to share")],
        options: [until, once, time, code, PeerName.ofSharer, tracker] + TransferOptions.ofShare,
        examples: [
            .init("p2p-peer share holiday/", "prints the line that the others type"),
            .init("p2p-peer share film.mkv --once", "ends as soon as one other has it"),
            .init("p2p-peer share slides.pdf data/ --until 12 --time 2h", "for a class of twelve, two hours at most"),
        ],
        exitCodes: [
            .success, .failure, .usage, .notFound, .inputOutput, .unfinished, .network, .diskFull, .interrupted,
        ])

    static let command: CommandProgram.Command = .init(spec, isService: true) {
        arguments, output throws(CommandError) in
        try Share.run(arguments, output)
    }
}

/// How long it is shared.
struct ShareEnds {
    /// So many others have everything.
    let others: Int?
    /// So much time has passed.
    let time: Duration?

    init(_ arguments: ParsedArguments) throws(CommandError) {
        let count = try arguments.value(ShareCommand.until, .integer(1...Audience.mostOwners))
        let isOnce = arguments.has(ShareCommand.once)
        guard !isOnce || count == nil || count == 1 else {
            throw CommandError(
                .usage, "--once is --until 1, and contradicts \(arguments.place(of: ShareCommand.until))")
        }
        others = isOnce ? 1 : count
        time = try arguments.value(ShareCommand.time, .duration(unit: .seconds(60)))
    }
}
