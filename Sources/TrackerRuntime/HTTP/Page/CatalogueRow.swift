import ByteStrings
import TorrentCore

/// A torrent in the list. The script fills in a copy of the same row, so that there is one form of it.
struct CatalogueRow {
    let frame: PageFrame

    /// Names of peers in a row; the others are counted.
    static let names = 4

    /// What the script copies: a row of nothing.
    var template: String {
        html(number: "", key: "", name: "", marks: "", from: "", cells: ["", "", "", "", "", ""], magnet: "", get: "")
    }

    func html(_ entry: CatalogueEntry) -> String {
        let name = PageText.isolated(entry.name.description)
        return html(
            number: "\(entry.number)", key: entry.infoHash.hex, name: name,
            marks: entry.isPrivate ? Self.isPrivate : "", from: Self.from(entry.seeds, of: entry.seeders),
            cells: [
                PageText.bytes(Double(entry.length)), PageText.grouped(entry.files),
                PageText.grouped(entry.seeders), PageText.grouped(entry.leechers),
                PageText.grouped(entry.downloads), PageText.age(frame.now - entry.added),
            ],
            magnet: entry.magnet, get: frame.getLine("\(entry.number)"))
    }

    private static let isPrivate = "private"

    /// Who has all of it, as far as they have told.
    static func from(_ seeds: [String], of count: Int) -> String {
        guard count > 0 else { return "nobody has all of it at this moment" }
        guard !seeds.isEmpty else { return "" }
        let named = seeds.prefix(names)
        let rest = max(count, seeds.count) - named.count
        let list = named.map { PageText.isolated($0, limit: 64) }.joined(separator: ", ")
        return "from \(list)\(rest > 0 ? " and \(PageText.grouped(rest)) more" : "")"
    }

    private func html(
        number: String, key: String, name: String, marks: String, from: String, cells: [String], magnet: String,
        get: String
    ) -> String {
        let fields = zip(CatalogueColumn.counted, cells).map { column, text in
            """
            <td role="cell" class="n \(column.key)\(text == "0" ? " zero" : "")">\
            <span class="unit">\(column.title) </span>\
            <span data-field="\(column.key)">\(text)</span></td>
            """
        }
        let target = key.isEmpty ? "" : "\(frame.root)torrents/\(key)"
        return """
            <tr role="row" data-key="\(key)"><td role="cell" class="n number"><span class="unit">No. </span>\
            <span data-field="number">\(number)</span></td>\
            <th role="rowheader" scope="row"><a class="name" data-field="name" href="\(target)">\(name)</a>\
            <span class="mark" data-field="private">\(marks)</span>\
            <span class="from" data-field="from">\(from)</span></th>\
            \(fields.joined())\
            <td role="cell" class="ways"><a class="button" data-field="torrent" href="\(target).torrent" download>\
            Download<span class="hidden"> the torrent file</span></a>\
            <a class="button" data-field="magnet" href="\(PageText.escaped(magnet))">Magnet<span class="hidden"> link\
            </span></a><button type="button" class="button copy" data-field="get" \
            data-copy="\(PageText.escaped(get))" title="\(PageText.escaped(get))" hidden>\
            Copy command<span class="hidden"> that fetches it</span></button></td></tr>
            """
    }
}
