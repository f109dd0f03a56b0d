import Dispatch
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
    ) -> (reply: HTTPReply, status: Int)? {
        do throws(CatalogueRefusal) {
            switch (request.head.method, CatalogueRoute(request.head, of: bytes)) {
            case (.post, .list):
                let access = try uploadAccess(request.head, in: bytes, from: origin)
                return (try publish(request, of: bytes, access), 201)
            case (.delete, .page(let key)):
                guard shared.configuration.catalogue.isOn else { throw .off }
                let access = try CatalogueAccess(request.head, in: bytes, from: origin, shared.configuration)
                return (try withdraw(key, request, access), 204)
            default: return nil
            }
        } catch {
            CatalogueAnswer.append(error, request.framing, to: &output)
            return (.written, error.status)
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
        _ request: HTTPServerRequest, of bytes: RawSpan, _ access: CatalogueAccess
    ) throws(CatalogueRefusal) -> HTTPReply {
        let trackers = announceURLs(request.head, in: bytes)
        let (framing, file) = (request.framing, request.body)
        guard shared.uploadsWaiting.enter(file.count) else { throw .busy }
        let answer = PendingAnswer()
        let reply = reactor.reply { [self] (result: Result<Catalogue.Publication, CatalogueRefusal>) in
            var output: [UInt8] = []
            switch result {
            case .success(let published):
                let entry = shared.listed(published.entry, announcing: trackers, at: reactor.now)
                CatalogueAnswer.append(published.isNew ? .created : .ok, entry, framing, to: &output)
            case .failure(let refusal): CatalogueAnswer.append(refusal, framing, to: &output)
            }
            finish(answer, output)
        }
        shared.catalogueQueue.async { [shared] in
            defer { shared.uploadsWaiting.leave(file.count) }
            reply.send(Result { () throws(CatalogueRefusal) in try shared.publish(file, by: access.publisher) })
        }
        return .later(answer)
    }

    private func withdraw(
        _ key: CatalogueKey, _ request: HTTPServerRequest, _ access: CatalogueAccess
    ) throws(CatalogueRefusal) -> HTTPReply {
        guard let entry = shared.entry(key) else { throw .notThere }
        if case .stranger(let address) = access, entry.publisher != address { throw .notAllowed }
        let framing = request.framing
        let answer = PendingAnswer()
        let reply = reactor.reply { [self] (wasThere: Bool) in
            var output: [UInt8] = []
            if wasThere {
                HTTPAnswer.appendWithoutBody(.noContent, framing, to: &output)
            } else {
                CatalogueAnswer.append(.notThere, framing, to: &output)
            }
            finish(answer, output)
        }
        shared.catalogueQueue.async { [shared] in
            reply.send(shared.withdraw(entry.torrent.infoHash))
        }
        return .later(answer)
    }

    private func finish(_ answer: PendingAnswer, _ output: [UInt8]) {
        totals.bytesOut += UInt64(output.count)
        answer.complete(output)
    }
}

extension CatalogueAccess {
    /// Whose quota a torrent counts against.
    fileprivate var publisher: IPAddress? {
        if case .stranger(let address) = self { address } else { nil }
    }
}
