import ByteStrings
import TorrentCore

/// A torrent's own page: the ways to get it, who has it, and its files.
struct TorrentPage {
    let frame: PageFrame
    let entry: CatalogueEntry
    let detail: CatalogueDetail

    /// Characters of a folder's or a file's name that are shown.
    private static let longestPath = 300

    var html: String {
        frame.html(
            title: "\(PageText.shown(entry.name.description)) · p2p-tracker", at: .torrent,
            body: """
                \(frame.navigation(at: .torrent))
                <main data-key="\(entry.infoHash.hex)">
                <h1>\(PageText.isolated(entry.name.description))</h1>
                <p class="quiet">\(PageText.bytes(Double(entry.length))) in \(PageText.counted(entry.files, "file"))\
                \(entry.isPrivate ? " · <span class=\"mark\">private</span>" : "")</p>
                \(PageFrame.trouble)
                \(ways)
                \(peers)
                \(facts)
                \(content)
                </main>
                """)
    }

    /// What stands at the place of a torrent that is not there, or not any more.
    static func missing(_ frame: PageFrame) -> String {
        frame.html(
            title: "Not here · p2p-tracker", at: .missing,
            body: """
                \(frame.navigation(at: .missing))
                <main><h1>Not here</h1>
                <section class="panel empty">
                <p>This torrent is not on the list, or not any more.</p>
                <p><a class="button" href="\(frame.root)">Show everything</a></p>
                </section></main>
                """)
    }

    private var ways: String {
        let target = "\(frame.root)torrents/\(entry.infoHash.hex).torrent"
        return """
            <section class="panel"><h2>Get it</h2>
            <p>In a terminal:</p>
            \(PageFrame.command(frame.getLine("\(entry.number)"), label: "Copy the command that fetches this torrent"))
            <p>With any BitTorrent program:</p>
            <p class="row"><a class="button strong" href="\(target)" download>Download the torrent file</a>
            <a class="button" href="\(PageText.escaped(entry.magnet))">Open the magnet link</a>
            <button type="button" class="button copy" data-copy="\(PageText.escaped(entry.magnet))" hidden>\
            Copy the magnet link</button></p></section>
            """
    }

    private var peers: String {
        func card(_ id: String, _ number: Int, _ words: String) -> String {
            "<div class=\"card\"><b id=\"\(id)\">\(PageText.grouped(number))</b><span>\(words)</span></div>"
        }
        return """
            <section class="panel"><h2>Who has it</h2>
            <div class="cards three">\(card("seeders", entry.seeders, "have all of it"))\
            \(card("leechers", entry.leechers, "are fetching it"))\
            \(card("downloads", entry.downloads, "times downloaded"))</div>
            <dl class="facts"><dt>Seeders</dt><dd id="seeds">\(Self.names(entry.seeds, of: entry.seeders))</dd>
            <dt>Leechers</dt><dd id="others">\(Self.names(entry.others, of: entry.leechers))</dd></dl></section>
            """
    }

    private static func names(_ names: [String], of count: Int) -> String {
        guard count > 0 else { return "nobody at this moment" }
        let rest = count - names.count
        let list = names.map { PageText.isolated($0, limit: 64) }.joined(separator: ", ")
        guard rest > 0 else { return list }
        return list + (names.isEmpty ? "" : " and ") + PageText.counted(rest, names.isEmpty ? "peer" : "other")
    }

    private var facts: String {
        let pieces = "\(PageText.counted(detail.pieces, "piece")) of \(PageText.bytes(Double(detail.pieceLength)))"
        var rows = [
            ("Number", "\(entry.number)"), ("Info hash", "<code>\(entry.infoHash.hex)</code>"), ("Content", pieces),
            ("Published", PageText.ago(frame.now - entry.added)),
        ]
        if let comment = detail.comment {
            rows.append(("Comment", PageText.isolated(comment, limit: CatalogueDetail.textLimit)))
        }
        if let program = detail.createdBy { rows.append(("Made with", PageText.isolated(program))) }
        let list = rows.map { "<dt>\($0)</dt><dd>\($1)</dd>" }.joined()
        return "<section class=\"panel\"><h2>About it</h2><dl class=\"facts\">\(list)</dl></section>"
    }

    /// Each folder is named once, above its files.
    private var content: String {
        var items: [String] = []
        var folder = ""
        for file in detail.files {
            let path = file.path.description
            let end = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
            if path[..<end] != folder {
                folder = String(path[..<end])
                items.append("<li class=\"folder\">\(PageText.isolated(folder, limit: Self.longestPath))</li>")
            }
            let name = PageText.isolated(String(path[end...]), limit: Self.longestPath)
            items.append(
                """
                <li\(folder.isEmpty ? "" : " class=\"within\"")><span>\(name)</span> \
                <span class="n">\(PageText.bytes(Double(file.length)))</span></li>
                """)
        }
        let rest = entry.files - detail.files.count
        if rest > 0 { items.append("<li class=\"quiet\">and \(PageText.grouped(rest)) more</li>") }
        return """
            <section class="panel"><h2>\(PageText.counted(entry.files, "file"))</h2>
            <ul class="tree">\(items.joined(separator: "\n"))</ul></section>
            """
    }
}
