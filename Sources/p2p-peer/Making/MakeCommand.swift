internal import CommandLineKit

/// `p2p-peer make PATH`.
enum MakeCommand {
    static let announce = Option(
        "announce", short: "a", value: "URL", repeatable: true,
        help: "a tracker (http, https or udp); repeat for a new tier, commas within one")
    static let pieceLength = Option(
        "piece-length", short: "l", value: "SIZE", default: "by the size of the content",
        help: "16K to 128M; a number below 30 is a power of two")
    static let out = Option(
        "output", short: "o", value: "OUT", default: "NAME.torrent", completion: .fileEnding("torrent"),
        help: "where to write it; - is standard output")
    static let name = Option(
        "name", short: "n", value: "NAME", default: "that of PATH", isSetting: false, help: "name in the torrent")
    static let comment = Option("comment", short: "c", value: "TEXT", help: "a comment for whoever reads it")
    static let isPrivate = Option("private", short: "p", help: "peers come from its trackers alone (BEP 27)")
    static let source = Option("source", value: "S", help: "a mark that changes the info hash, as trackers ask for")
    static let webSeed = Option(
        "web-seed", short: "w", value: "URL", repeatable: true, help: "a server with the same files (BEP 19)")
    static let node = Option(
        "node", value: "HOST:PORT", repeatable: true, help: "a node of the DHT to begin at (BEP 5); may be repeated")
    static let exclude = Option(
        "exclude", short: "e", value: "GLOB", repeatable: true, help: "leave out files that match, like '*.tmp'")
    static let include = Option(
        "include", value: "GLOB", repeatable: true, help: "take only files that match")
    static let threads = Option("threads", short: "t", value: "N", default: "one a core", help: "threads that hash")
    static let force = Option("force", short: "f", help: "replace OUT if it exists")
    static let dryRun = Option("dry-run", help: "say which files it would hold; hash and write nothing")
    static let date = Option(
        "date", value: "WHEN", default: "now, or SOURCE_DATE_EPOCH",
        help: "creation date: seconds since 1970 or YYYY-MM-DD")
    static let fromJSON = Option(
        "from-json", value: "FILE", completion: .fileEnding("json"), isSetting: false,
        help: "write the .torrent that FILE says, as show --json prints it; - is standard input")
    static let noDate = Option("no-date", help: "no creation date: the same input gives the same file")

    static let spec = CommandSpec(
        "make", aliases: ["create"], summary: "Makes a .torrent from a file or a folder.",
        details: [
            "The same content gives the same info hash on every machine: files are sorted by their paths, hidden and "
                + "empty ones are shared, symbolic links, pipes and devices are not.",
            "A pipe or device as OUT is written to, a link followed. OUT within PATH is left out of the torrent.",
        ],
        arguments: [.init("PATH", .optional, completion: .file, help: "the file or folder to share")],
        options: [
            announce, pieceLength, out, name, comment, isPrivate, source, webSeed, node, exclude, include, threads,
            force, dryRun, fromJSON, date, noDate,
        ],
        examples: [
            .init("p2p-peer make holiday/ -a http://192.168.1.7:6969/announce", "writes holiday.torrent"),
            .init("p2p-peer make film.mkv -l 20 -o - | p2p-peer show -", "with pieces of 1 MiB, to standard output"),
            .init("p2p-peer show a.torrent --json | p2p-peer make --from-json - -o b.torrent", "the same again"),
        ],
        exitCodes: [.success, .failure, .usage, .notFound, .inputOutput, .diskFull, .interrupted])
}
