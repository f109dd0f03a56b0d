import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

/// What is told of a torrent: its progress over all of its sessions.
struct TorrentTally {
    private let board: ProgressBoard
    let place: ProgressBoard.Place
    private(set) var progress: TorrentProgress
    /// Bytes moved by earlier sessions.
    private var carried: (downloaded: Int64, uploaded: Int64) = (0, 0)

    /// Without `metainfo` as long as nobody has sent it.
    init(_ infoHash: InfoHash, _ metainfo: Metainfo?, on board: ProgressBoard) {
        self.board = board
        let length = metainfo?.geometry.totalLength ?? 0
        progress = TorrentProgress(infoHash: infoHash, state: .checking, totalBytes: length)
        progress.left = length
        place = board.add(progress)
    }

    /// How much there is to be fetched.
    mutating func learn(_ metainfo: Metainfo) {
        progress.totalBytes = metainfo.geometry.totalLength
        progress.left = metainfo.geometry.totalLength
        progress.metadata = nil
    }

    func publish() { board.put(progress, at: place) }

    /// With the figures of the session that is at work.
    mutating func publish(_ session: SwarmSession, at now: Moment) {
        let figures = session.figures
        progress.downloaded = carried.downloaded + figures.downloaded
        progress.uploaded = carried.uploaded + figures.uploaded
        progress.left = figures.left
        progress.downloadRate = figures.downloadRate
        progress.uploadRate = figures.uploadRate
        progress.peers = figures.peers
        progress.sources = PeerOrigins(figures.sources)
        progress.seeds = figures.seeds
        progress.isSuperSeeding = session.isSuperSeeding
        progress.standstill = session.standstill(figures)
        progress.whyNobodyStays = progress.standstill == .nobodyStays ? session.shortStay?.why : nil
        progress.nextAnnounce = session.nextQuestion(figures.nextAnnounce, at: now)
        publish()
    }

    /// The same of a session that fetches the metadata, or that holds peers while the content is checked.
    mutating func publish(_ session: MetadataSession, at now: Moment) {
        let figures = session.figures
        progress.peers = figures.peers
        progress.sources = PeerOrigins(figures.origins)
        progress.nextAnnounce = session.nextQuestion(figures.nextAnnounce, at: now)
        if progress.state == .fetchingMetadata {
            progress.metadata = session.progress(figures)
            progress.standstill = session.standstill(figures)
            progress.whyNobodyStays = progress.standstill == .nobodyStays ? session.shortStay?.why : nil
        }
        publish()
    }

    /// The session has begun, or has got everything.
    mutating func works(_ state: TorrentProgress.State) { progress.state = state }

    /// Nothing moves until the next session.
    mutating func rests(_ state: TorrentProgress.State) {
        progress.state = state
        progress.standstill = nil
        publish()
    }

    /// The session is gone; what it moved is kept.
    mutating func leave(_ session: SwarmSession) {
        let figures = session.figures
        carried.downloaded += figures.downloaded
        carried.uploaded += figures.uploaded
        progress.downloaded = carried.downloaded
        progress.uploaded = carried.uploaded
        progress.left = figures.left
        progress.isSuperSeeding = false
        progress.downloadRate = 0
        progress.uploadRate = 0
        progress.peers = 0
        progress.sources = PeerOrigins()
        progress.seeds = 0
        progress.whyNobodyStays = nil
        progress.nextAnnounce = nil
    }

    /// A session that fetched the metadata is gone, and none follows it for now.
    mutating func leaveMetadata() {
        progress.peers = 0
        progress.metadata = nil
        progress.whyNobodyStays = nil
        progress.nextAnnounce = nil
    }

    /// The last of it; nobody is told, who has not asked.
    mutating func end() {
        progress.state = .stopped
        progress.standstill = nil
        progress.downloadRate = 0
        progress.uploadRate = 0
        board.settle(progress, at: place)
    }
}
