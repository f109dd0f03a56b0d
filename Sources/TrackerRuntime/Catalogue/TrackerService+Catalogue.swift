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
        _ route: CatalogueRoute, _ request: HTTPServerRequest, of bytes: RawSpan, to output: inout [UInt8]
    ) -> (reply: HTTPReply, status: Int) {
        do throws(CatalogueRefusal) {
            guard shared.configuration.catalogue.isOn else { throw .off }
            let trackers = announceURLs(request.head, in: bytes)
            switch route {
            case .list:
                let query = try CatalogueQuery(query: request.head.query, of: bytes)
                var body: [UInt8] = []
                shared.listing(query, announcing: trackers, at: reactor.now).appendJSON(to: &body)
                return (.stream(HTTPStreamHead(.ok, CatalogueAnswer.json, length: body.count), WholeBody(body)), 200)
            case .torrentFile(let key):
                guard let entry = shared.entry(key) else { throw .notThere }
                return (torrentFile(entry, announcing: trackers), 200)
            case .json(let key):
                guard let entry = shared.entry(key) else { throw .notThere }
                var body: [UInt8] = []
                shared.listed(entry, announcing: trackers, at: reactor.now)
                    .appendJSON(to: &body, detail: entry.torrent.detail)
                return (.stream(HTTPStreamHead(.ok, CatalogueAnswer.json, length: body.count), WholeBody(body)), 200)
            case .page(let key):
                guard let entry = shared.entry(key) else {
                    guard wantsPage(request.head, in: bytes) else { throw .notThere }
                    return (missingPage(request.head, of: bytes), 404)
                }
                return (torrentPage(entry, root: "../", request.head, of: bytes), 200)
            case .unknown: throw .notThere
            }
        } catch {
            CatalogueAnswer.append(error, request.framing, to: &output)
            return (.written, error.status)
        }
    }

    private func torrentFile(_ entry: Catalogue.Entry, announcing trackers: [String]) -> HTTPReply {
        let file = entry.torrent.file.announcing(first: trackers)
        return .stream(HTTPStreamHead(.ok, CatalogueAnswer.torrent, length: file.count), WholeBody(file))
    }

    /// What is at a path that is nothing else: a torrent by its name. Nil if none is called so.
    func torrentByName(
        _ request: HTTPServerRequest, of bytes: RawSpan, to output: inout [UInt8]
    ) -> (reply: HTTPReply, status: Int)? {
        let name = ByteString(request.head.decodedPath(in: bytes).dropFirst())
        let entries = shared.tracker.withLock { $0.catalogue.entries(named: name) }
        guard let entry = entries.first else { return nil }
        if entries.count > 1 {
            let numbers = entries.map { String($0.number) }.joined(separator: ", ")
            let words = "Several torrents are called so: numbers \(numbers). Ask for /torrents/NUMBER.torrent.\n"
            HTTPAnswer.append(
                .severalChoices, HTTPAnswer.plainText, Array(words.utf8), request.framing, to: &output)
            return (.written, 300)
        }
        let trackers = announceURLs(request.head, in: bytes)
        if wantsPage(request.head, in: bytes) {
            return (torrentPage(entry, root: "", request.head, of: bytes), 200)
        }
        return (torrentFile(entry, announcing: trackers), 200)
    }

    /// This tracker as the asker reached it; by its best address if he does not say.
    func announceURLs(_ head: HTTPRequestHead, in bytes: RawSpan) -> [String] {
        AskedHost(head, in: bytes).map { [$0.announceURL] } ?? Array(shared.announceURLs.prefix(1))
    }
}
