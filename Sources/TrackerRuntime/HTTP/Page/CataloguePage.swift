import ByteStrings
import TorrentCore

/// What the tracker offers: a list to search, sort and turn the pages of, with the ways to get each torrent. It is
/// whole without `CatalogueScript`, which keeps the numbers up to date.
struct CataloguePage {
    let frame: PageFrame
    let listing: CatalogueListing
    let query: CatalogueQuery

    /// Torrents on a page of the list, unless more are wanted.
    static let atOnce = 50
    static let atMost = 100

    var html: String {
        let total = PageText.counted(listing.total, "torrent")
        return frame.html(
            title: "\(total) · p2p-tracker", at: .list,
            body: """
                \(frame.navigation(at: .list))
                <main>
                <h1>What is here</h1>
                \(PageFrame.trouble)
                \(search)
                \(list)
                \(nothingFound)
                \(nothingYet)
                \(how)
                </main>
                """)
    }

    /// The list without what was searched for is empty.
    private var isEmpty: Bool { listing.total == 0 && query.text.isEmpty }

    private static func hidden(_ isHidden: Bool) -> String { isHidden ? " hidden" : "" }

    private var search: String {
        // Whoever presses a button in the head of the table sends its order behind this one: the last one counts.
        let orders = (CatalogueColumn.ahead + CatalogueColumn.counted).flatMap(\.orders).map { order in
            "<option value=\"\(order.key)\"\(order.key == query.sort ? " selected" : "")>\(order.words)</option>"
        }
        let size = query.limit == Self.atOnce ? "" : "<input type=\"hidden\" name=\"limit\" value=\"\(query.limit)\">"
        return """
            <form id="find" role="search" action="\(frame.root.isEmpty ? "./" : frame.root)" method="get"\
            \(Self.hidden(isEmpty))>
            <label class="words"><span class="hidden">Search by name or info hash</span>\
            <input type="search" name="q" value="\(PageText.escaped(query.text.description))" maxlength="200" \
            placeholder="Search by name" autocomplete="off" spellcheck="false"></label>
            <label class="orders"><span>Sort by</span> <select name="sort" id="order">\
            \(orders.joined())</select></label>
            \(size)<button type="submit" class="button">Search</button>
            </form>
            """
    }

    private var list: String {
        let row = CatalogueRow(frame: frame)
        let head = (CatalogueColumn.ahead + CatalogueColumn.counted).map(self.head).joined()
        return """
            <section class="panel table" id="list" aria-label="Torrents"\(Self.hidden(listing.torrents.isEmpty))>
            <table role="table"><caption class="hidden">Torrents of this tracker</caption>
            <thead role="rowgroup"><tr role="row">\(head)<th role="columnheader" scope="col" class="ways">\
            <span class="hidden">Ways to get it</span></th></tr></thead>
            <tbody role="rowgroup" id="rows">
            \(listing.torrents.map(row.html).joined(separator: "\n"))
            </tbody></table>
            <p class="fresh"><button type="button" id="fresh" hidden>The list has changed: show it</button></p>
            <nav class="pages" aria-label="Pages of the list">\(pages)</nav>
            </section>
            <template id="row">\(row.template)</template>
            """
    }

    private func head(_ column: CatalogueColumn) -> String {
        let kind = column.key == "name" ? "name" : "n \(column.key)"
        guard let first = column.orders.first else {
            return "<th role=\"columnheader\" scope=\"col\" class=\"\(kind)\">\(column.title)</th>"
        }
        let current = column.orders.first { $0.key == query.sort }
        let next = column.orders.first { $0.key != query.sort } ?? first
        let sort = current.map { " aria-sort=\"\($0.descends ? "descending" : "ascending")\"" } ?? ""
        return """
            <th role="columnheader" scope="col" class="\(kind)"\(sort) data-first="\(first.key)" \
            data-other="\(column.orders[1].key)" data-falls="\(first.descends ? "yes" : "no")">\
            <button type="submit" form="find" name="sort" \
            value="\((current == nil ? first : next).key)">\(column.title)</button></th>
            """
    }

    private var pages: String {
        func link(_ id: String, _ words: String, _ offset: Int?, _ limit: Int? = nil) -> String {
            let target = query.link(offset: offset ?? query.offset, limit: limit ?? query.limit)
            return """
                <a id="\(id)" class="button" href="\(PageText.escaped(target))"\
                \(Self.hidden(offset == nil && limit == nil))>\(words)</a>
                """
        }
        let end = query.offset + listing.torrents.count
        let other = query.limit == Self.atOnce ? Self.atMost : Self.atOnce
        return """
            <p id="count" class="quiet" role="status">\(range)</p>
            \(link("more", "Show \(other) at a time", nil, listing.total > Self.atOnce ? other : nil))
            \(link("back", "Previous", query.offset > 0 ? max(0, query.offset - query.limit) : nil))
            \(link("next", "Next", end < listing.total ? end : nil))
            """
    }

    /// 51 to 100 of 10,000 torrents.
    private var range: String {
        let total = PageText.counted(listing.total, "torrent")
        guard listing.total > listing.torrents.count else { return total }
        let (first, last) = (query.offset + 1, query.offset + listing.torrents.count)
        return "\(PageText.grouped(first)) to \(PageText.grouped(last)) of \(total)"
    }

    private var nothingFound: String {
        """
        <section class="panel empty" id="nothing"\(Self.hidden(!listing.torrents.isEmpty || isEmpty))>
        <h2>Nothing by that name</h2>
        <p class="quiet">Each word has to be in the name; a torrent is found by the beginning of its info hash too.</p>
        <p><a class="button" href="\(frame.root.isEmpty ? "./" : frame.root)">Show everything</a></p>
        </section>
        """
    }

    private var nothingYet: String {
        let publish = "p2p-peer publish FOLDER --to \(frame.origin)"
        return """
            <section class="panel empty" id="empty"\(Self.hidden(!isEmpty))>
            <h2>Nothing is here yet</h2>
            <p>Whoever has a file or a folder to give makes it appear here:</p>
            \(PageFrame.command(publish, label: "Copy the command that publishes"))
            <p class="quiet">It is on this page at once. To give something without a place like this, \
            <code>p2p-peer share FOLDER</code> does all in one step.</p>
            </section>
            """
    }

    private var how: String {
        """
        <section class="how" id="how"\(Self.hidden(isEmpty))>
        <h2>How to get one</h2>
        <p>In a terminal, with the number from the list:</p>
        \(PageFrame.command(frame.getLine("NUMBER"), label: "Copy the command that fetches a torrent"))
        <p class="quiet">Or open <b>Download</b> or <b>Magnet</b> with any BitTorrent program. What arrives is checked \
        piece by piece.</p>
        </section>
        """
    }
}

extension CatalogueQuery {
    /// As a list is asked for.
    var sort: String { (isReversed ? "-" : "") + key.rawValue }

    /// From one page of the list to another.
    func link(offset: Int, limit: Int) -> String {
        var other = self
        (other.offset, other.limit) = (offset, limit)
        return "?" + other.target.drop { $0 != "?" }.dropFirst()
    }
}
