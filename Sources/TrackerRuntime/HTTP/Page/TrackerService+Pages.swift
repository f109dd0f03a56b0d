import ByteStrings
import HTTPService
import TorrentCore
import TorrentIO
import TrackerEngine

// The pages of the catalogue, and what they are asked for.
extension TrackerService {
    /// Without this, the page of figures is the only one.
    var showsCatalogue: Bool { shared.configuration.catalogue.isOn }

    /// The list, as the reader has asked for it; what cannot be understood in that is passed over.
    func listPage(_ head: HTTPRequestHead, of bytes: RawSpan) throws(CatalogueRefusal) -> HTTPReply {
        var query = CatalogueQuery(understoodOf: head.query, of: bytes, limit: CataloguePage.atOnce)
        query.limit = query.limit > 0 ? min(query.limit, CataloguePage.atMost) : CataloguePage.atOnce
        let trackers = announceURLs(head, in: bytes)
        var listing = shared.listing(query, announcing: trackers, at: reactor.now)
        if listing.torrents.isEmpty, listing.total > 0 {
            // There are fewer than there were: the last page.
            query.offset = (listing.total - 1) / query.limit * query.limit
            listing = shared.listing(query, announcing: trackers, at: reactor.now)
        }
        let page = CataloguePage(frame: frame(head, of: bytes, root: ""), listing: listing, query: query)
        return try made(PageFrame.fields, Array(page.html.utf8))
    }

    /// A torrent's own page, which may be at `/torrents/KEY` and at `/NAME`.
    func torrentPage(
        _ entry: Catalogue.Entry, root: String, _ head: HTTPRequestHead, of bytes: RawSpan
    ) throws(CatalogueRefusal) -> HTTPReply {
        let listed = shared.listed(entry, announcing: announceURLs(head, in: bytes), at: reactor.now)
        let frame = frame(head, of: bytes, root: root)
        let page = TorrentPage(frame: frame, entry: listed, detail: entry.torrent.detail)
        return try made(PageFrame.fields, Array(page.html.utf8))
    }

    /// What a link of yesterday leads to.
    func missingPage(_ head: HTTPRequestHead, of bytes: RawSpan) throws(CatalogueRefusal) -> HTTPReply {
        let frame = frame(head, of: bytes, root: "../")
        return try made(PageFrame.fields, Array(TorrentPage.missing(frame).utf8), .nothingHere(true))
    }

    /// A browser asks, as far as it says.
    func wantsPage(_ head: HTTPRequestHead, in bytes: RawSpan) -> Bool {
        String(decoding: head.field("accept", in: bytes) ?? [], as: UTF8.self).contains("text/html")
    }

    private func frame(_ head: HTTPRequestHead, of bytes: RawSpan, root: String) -> PageFrame {
        let url = announceURLs(head, in: bytes).first { $0.hasPrefix("http") } ?? ""
        let end = url.hasSuffix("/announce") ? url.utf8.count - 9 : url.utf8.count
        return PageFrame(
            origin: String(url.prefix(end)), root: root, now: WallClock.secondsSince1970())
    }
}
