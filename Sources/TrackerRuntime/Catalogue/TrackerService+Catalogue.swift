import ByteStrings
import HTTPService
import Synchronization
import TorrentCore
import TorrentIO
import TrackerEngine

// What the catalogue answers over HTTP.
extension TrackerService {
    /// Answers a request for something below `/torrents`; its status.
    func catalogue(
        _ route: CatalogueRoute, _ request: HTTPServerRequest, of bytes: RawSpan
    ) throws(CatalogueRefusal) -> (reply: HTTPReply, status: Int) {
        guard shared.configuration.catalogue.isOn else { throw .off }
        let trackers = announceURLs(request.head, in: bytes)
        switch route {
        case .list:
            let query = try CatalogueQuery(query: request.head.query, of: bytes)
            var body: [UInt8] = []
            shared.listing(query, announcing: trackers, at: reactor.now).appendJSON(to: &body)
            return (try made(CatalogueAnswer.json, body), 200)
        case .torrentFile(let key):
            guard let entry = shared.entry(key) else { throw .notThere }
            return (try torrentFile(entry, announcing: trackers), 200)
        case .json(let key):
            guard let entry = shared.entry(key) else { throw .notThere }
            var body: [UInt8] = []
            shared.listed(entry, announcing: trackers, at: reactor.now)
                .appendJSON(to: &body, detail: entry.torrent.detail)
            return (try made(CatalogueAnswer.json, body), 200)
        case .page(let key):
            guard let entry = shared.entry(key) else {
                guard wantsPage(request.head, in: bytes) else { throw .notThere }
                return (try missingPage(request.head, of: bytes), 404)
            }
            return (try torrentPage(entry, root: "../", request.head, of: bytes), 200)
        case .unknown: throw .notThere
        }
    }

    private func torrentFile(
        _ entry: Catalogue.Entry, announcing trackers: [String]
    ) throws(CatalogueRefusal) -> HTTPReply {
        let file = entry.torrent.file.announcing(first: trackers)
        return try ready(.ok, CatalogueAnswer.torrent, file.parts, count: file.count, made: file.madeBytes)
    }

    /// An answer that was made for one asker.
    func made(
        _ fields: StaticString, _ body: [UInt8], _ status: HTTPStatus = .ok
    ) throws(CatalogueRefusal) -> HTTPReply {
        try ready(status, fields, [body[...]], count: body.count, made: body.count)
    }

    /// Refused as long as slow readers have taken up the room for what is made.
    private func ready(
        _ status: HTTPStatus, _ fields: StaticString, _ parts: [ArraySlice<UInt8>], count: Int, made: Int
    ) throws(CatalogueRefusal) -> HTTPReply {
        guard let body = ReadyBody(parts, made: made, in: shared.answersWaiting) else { throw .busy }
        return .stream(HTTPStreamHead(status, fields, length: count), body)
    }

    /// What is at a path that is nothing else: a torrent by its name. Nil if none is called so.
    func torrentByName(
        _ request: HTTPServerRequest, of bytes: RawSpan, to output: inout [UInt8]
    ) throws(CatalogueRefusal) -> (reply: HTTPReply, status: Int)? {
        let name = ByteString(request.head.decodedPath(in: bytes).dropFirst())
        let (entries, count) = shared.tracker.withLock { $0.catalogue.entries(named: name, limit: Self.mostOfOneName) }
        guard let entry = entries.first else { return nil }
        if count > 1 {
            let rest = count > entries.count ? " and \(count - entries.count) more" : ""
            let numbers = entries.map { String($0.number) }.joined(separator: ", ") + rest
            let words = "Several torrents are called so: numbers \(numbers). Ask for /torrents/NUMBER.torrent.\n"
            HTTPAnswer.append(
                .severalChoices, HTTPAnswer.plainText, Array(words.utf8), request.framing, to: &output)
            return (.written, 300)
        }
        let trackers = announceURLs(request.head, in: bytes)
        if wantsPage(request.head, in: bytes) {
            return (try torrentPage(entry, root: "", request.head, of: bytes), 200)
        }
        return (try torrentFile(entry, announcing: trackers), 200)
    }

    /// Most torrents of one name whose numbers are told.
    private static let mostOfOneName = 100

    /// This tracker as the asker reached it; by its best address if he does not say.
    func announceURLs(_ head: HTTPRequestHead, in bytes: RawSpan) -> [String] {
        AskedHost(head, in: bytes).map { [$0.announceURL] } ?? Array(shared.announceURLs.prefix(1))
    }
}
