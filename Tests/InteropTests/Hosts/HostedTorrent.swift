import TestSupport

/// A torrent of one file, with whole and partial copies of it for the hosts of a bridge.
struct HostedTorrent {
    let torrent: TestTorrent
    /// The .torrent file.
    let path: String
    /// The folder with all of it.
    let folder: String
    private let payload: Payload
    private let stage: Stage

    init(
        _ stage: Stage, name: String = "hosted", bytes: Int, pieceLength: Int = 32 << 10, announce: [String] = [],
        isPrivate: Bool = false
    ) throws {
        self.stage = stage
        payload = Payload(file: name, size: bytes, seed: UInt64(bytes))
        folder = try stage.folder.folder("whole-\(name)")
        let content = try payload.write(below: folder)
        torrent = try TestTorrent(
            of: payload, at: content, pieceLength: pieceLength, announce: announce, isPrivate: isPrivate)
        path = try torrent.write(to: stage.folder.path("\(name).torrent"))
    }

    var infoHash: String { torrent.infoHash }
    var length: Int { payload.length }

    /// A link with these parameters after the info hash, as they stand there.
    func link(_ parameters: [String]) -> String {
        (["magnet:?xt=urn:btih:\(infoHash)"] + parameters).joined(separator: "&")
    }

    /// A folder with a copy in which these bytes are zero.
    func folder(_ name: String, without gap: Range<Int>) throws -> String {
        let folder = try stage.folder.folder(name)
        var bytes = try FileTree.read("\(self.folder)/\(payload.name)")
        bytes.replaceSubrange(gap, with: repeatElement(0, count: gap.count))
        try FileTree.write(bytes, to: "\(folder)/\(payload.name)")
        return folder
    }

    /// Puts the content into `folder`, beside what is there.
    func copy(to folder: String) throws {
        try FileTree.copy("\(self.folder)/\(payload.name)", to: "\(folder)/\(payload.name)")
    }

    /// Every byte lies in `folder`.
    func expectWhole(in folder: String) throws {
        let isWhole = try FileTree.read("\(folder)/\(payload.name)") == FileTree.read("\(self.folder)/\(payload.name)")
        guard isWhole else { throw TestFailure("\(folder) has something else") }
    }
}
