import ByteStrings
import TorrentCore

/// The page of one torrent, for people.
enum TorrentPage {
    static func html(_ entry: CatalogueEntry) -> String {
        let name = PageText.escaped(entry.name.description)
        return """
            <!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>\(name)</title><h1>\(name)</h1>
            <p><a href="\(entry.torrentPath)">.torrent</a> <a href="\(PageText.escaped(entry.magnet))">magnet link</a>
            </html>

            """
    }
}
