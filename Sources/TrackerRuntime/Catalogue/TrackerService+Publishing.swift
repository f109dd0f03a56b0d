import HTTPService
import Synchronization
import TorrentCore
import TorrentIO
import TrackerEngine

// What changes the catalogue over HTTP: POST and DELETE.
extension TrackerService {
    /// Bytes that a request may bring: a .torrent, for whoever may publish it.
    func bodyLimit(of head: HTTPRequestHead, in bytes: RawSpan, from origin: RequestOrigin) -> Int {
        guard (try? uploadAccess(head, in: bytes, from: origin)) != nil else { return 0 }
        return shared.configuration.catalogue.limits.torrentBytes
    }

    /// Answers a request that is neither GET nor HEAD; nil if there is no such thing to be done.
    func change(
        _ request: HTTPServerRequest, of bytes: RawSpan, from origin: RequestOrigin, to output: inout [UInt8]
    ) -> HTTPReply? {
        let log = pageLog(request.head, of: bytes, origin)
        do throws(CatalogueRefusal) {
            switch (request.head.method, CatalogueRoute(request.head, of: bytes)) {
            case (.post, .list):
                let access = try uploadAccess(request.head, in: bytes, from: origin)
                return try publish(request, of: bytes, access, log)
            case (.delete, .page(let key)):
                guard shared.configuration.catalogue.isOn else { throw .off }
                let access = try CatalogueAccess(request.head, in: bytes, from: origin, shared.configuration)
                return try withdraw(key, request, access, log)
            default: return nil
            }
        } catch {
            CatalogueAnswer.append(error, request.framing, to: &output)
            log(error.status)
            return .written
        }
    }

    /// Who brings a torrent, if all that its head says is right.
    private func uploadAccess(
        _ head: HTTPRequestHead, in bytes: RawSpan, from origin: RequestOrigin
    ) throws(CatalogueRefusal) -> CatalogueAccess {
        let configuration = shared.configuration
        guard head.method == .post, CatalogueRoute(head, of: bytes) == .list else { throw .notThere }
        guard configuration.catalogue.isOn else { throw .off }
        // A page in a browser cannot send this type to another origin without asking, which is never allowed.
        let type = String(decoding: head.field("content-type", in: bytes) ?? [], as: UTF8.self).lowercased()
        guard type.prefix(while: { $0 != ";" && $0 != " " }) == "application/x-bittorrent" else { throw .wrongType }
        let access = try CatalogueAccess(head, in: bytes, from: origin, configuration)
        let limit = configuration.catalogue.limits.torrentBytes
        guard head.contentLength <= limit else { throw .tooLarge(limit: limit) }
        return access
    }

    private func publish(
        _ request: HTTPServerRequest, of bytes: RawSpan, _ access: CatalogueAccess, _ log: @escaping (Int) -> Void
    ) throws(CatalogueRefusal) -> HTTPReply {
        let trackers = announceURLs(request.head, in: bytes)
        let (framing, file) = (request.framing, request.body)
        return try change(request, bytes: file.count, log) { [shared] () throws(CatalogueRefusal) in
            try shared.publish(file, by: access.publisher)
        } answer: { [self] publication, output in
            let entry = shared.listed(publication.entry, announcing: trackers, at: reactor.now)
            CatalogueAnswer.append(publication.isNew ? .created : .ok, entry, framing, to: &output)
            return publication.isNew ? 201 : 200
        }
    }

    private func withdraw(
        _ key: CatalogueKey, _ request: HTTPServerRequest, _ access: CatalogueAccess, _ log: @escaping (Int) -> Void
    ) throws(CatalogueRefusal) -> HTTPReply {
        guard let entry = shared.entry(key) else { throw .notThere }
        if case .stranger(let address) = access, entry.publisher != address { throw .notAllowed }
        let framing = request.framing
        return try change(request, bytes: 0, log) { [shared] () throws(CatalogueRefusal) in
            guard shared.withdraw(entry.torrent.infoHash) else { throw .notThere }
        } answer: { _, output in
            HTTPAnswer.appendWithoutBody(.noContent, framing, to: &output)
            return 204
        }
    }

    /// Has the worker make a change, and answers when it is made: `answer` appends that and gives the status.
    private func change<Value: Sendable>(
        _ request: HTTPServerRequest, bytes: Int, _ log: @escaping (Int) -> Void,
        by change: @escaping @Sendable () throws(CatalogueRefusal) -> Value,
        answer: @escaping (Value, inout [UInt8]) -> Int
    ) throws(CatalogueRefusal) -> HTTPReply {
        let framing = request.framing
        let pending = PendingAnswer()
        try shared.catalogueWorker.perform(bytes, change) {
            reactor.reply { (result: Result<Value, CatalogueRefusal>) in
                var output: [UInt8] = []
                switch result {
                case .success(let value): log(answer(value, &output))
                case .failure(let refusal):
                    CatalogueAnswer.append(refusal, framing, to: &output)
                    log(refusal.status)
                }
                pending.complete(output)
            }
        }
        return .later(pending)
    }
}

extension CatalogueAccess {
    /// Whose quota a torrent counts against.
    fileprivate var publisher: IPAddress? {
        if case .stranger(let address) = self { address } else { nil }
    }
}
