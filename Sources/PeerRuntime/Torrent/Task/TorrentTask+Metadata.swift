import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

// A torrent that begins as a magnet link: its metadata comes first.
extension TorrentTask {
    func fetchMetadata() {
        guard let link = plan.source.link else { preconditionFailure("neither metainfo nor link") }
        let session = MetadataSession(link, context: context, reactor: reactor, seed: seed)
        session.delegate = self
        possession = .metadata(session)
        tally.works(.fetchingMetadata)
        session.start()
        publish()
        sayIfAlone(session, for: "the link names no tracker and no peer")
    }

    /// The check is of no use any more, and neither are the peers that wait for it.
    func callOff() {
        guard case .check(let check, _, let session) = possession else { return }
        check.callOff()
        if let session { close(session) }
    }

    func closeMetadata() {
        guard let session = metadataSession else { return }
        close(session)
    }

    private func close(_ session: MetadataSession) {
        publish()
        let stage = life.stage
        session.stop(within: Self.stopTimeout) { [self] in
            letGo(of: session)
            take(.sessionClosed, of: stage)
        }
    }

    /// It is closed: no session goes on with what it had.
    private func letGo(of session: MetadataSession) {
        guard metadataSession === session else { return }
        tally.leaveMetadata()
        switch possession {
        case .metadata: possession = .nothing
        case .check(let check, let content, _): possession = .check(check, content, nil)
        case .found(let found, _): possession = .found(found, nil)
        case .nothing, .folder, .content, .work, .rest: break
        }
    }
}

extension TorrentTask: MetadataSessionDelegate {
    func session(_ session: MetadataSession, found metadata: MetadataSession.Finding) {
        guard metadataSession === session, !life.knowsMetadata else { return }
        do throws(MetainfoError) {
            let metainfo = try metadata.metainfo.get()
            plan.learn(metainfo)
            tally.learn(metainfo)
            // What is no torrent is of no use to the next run either.
            keep(metadata: metadata.bytes)
            context.onEvent(.metadataComplete(plan.metainfo ?? metainfo))
        } catch {
            let text = "what peers have of it has the right hash, and is no torrent: \(error)"
            return fail(PeerFailure(.badTorrent, text))
        }
        take(.metadataFound)
    }

    func sessionMoved(_ session: MetadataSession) { publishLater() }

    func session(_ session: MetadataSession, notice: PeerNotice) {
        context.onEvent(.notice(infoHash, notice))
    }

    func tellUnkept(_ error: SystemError) {
        let place = context.records.folder.map { "\($0)" } ?? ""
        let text = "the metadata cannot be kept in \(place): \(error.text); the next start needs peers for it again"
        context.onEvent(.notice(infoHash, PeerNotice(code: "not_recorded", text: text)))
    }
}
