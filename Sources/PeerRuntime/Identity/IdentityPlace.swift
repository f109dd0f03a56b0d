package import ByteStrings
package import TorrentCore
import TorrentIO

/// Which peer a folder means: one that is there, or one that is still to be made.
package struct IdentityPlace: Sendable, Equatable {
    /// Of the peer itself, named after its id.
    package let folder: ByteString
    package let id: PeerID
    package let isThere: Bool

    /// The file by which a peer's folder is known.
    static let mark: ByteString = "peer"
    /// What is made before it.
    static let lock: ByteString = "lock"
    /// Names in a folder that are looked at.
    private static let mostNames = 10_000

    /// Looks, and touches nothing. `path` is a peer's own folder, or one that holds one; of a folder that is not there,
    /// or is empty, it is the place for a new peer, whose id is `fresh` unless `path` says it.
    package init(_ path: ByteString, fresh: @autoclosure () -> PeerID) throws(IdentityError) {
        guard let kind = try Self.asking(path, { () throws(SystemError) in try PathKind(path) }) else {
            self.init(new: path, name: path.lastComponent, fresh())
            return
        }
        guard case .folder = kind else { throw .noFolder(path) }
        let names = try Self.asking(path) { () throws(SystemError) in try Self.names(in: path) }
        let real = (try? PathKind.real(path)) ?? path
        if let id = PeerID(folderName: real.lastComponent), names.contains(Self.mark) || Self.isBegun(names) {
            self.init(folder: path, id: id, isThere: names.contains(Self.mark))
            return
        }
        let named = names.filter { PeerID(folderName: $0) != nil }.sorted()
        let peers = named.filter { Self.isPeer(path.appending($0)) }
        guard peers.count < 2 else { throw .several(path, peers) }
        // A making that was cut short is gone on with, where nothing else is there.
        let isOurs = named.count == names.count && named.allSatisfy { Self.isBegun(path.appending($0)) }
        if let name = peers.first ?? (isOurs ? named.first : nil), let id = PeerID(folderName: name) {
            self.init(folder: path.appending(name), id: id, isThere: !peers.isEmpty)
        } else {
            guard names.isEmpty else { throw .foreign(path) }
            self.init(new: path, name: "", fresh())
        }
    }

    init(folder: ByteString, id: PeerID, isThere: Bool) {
        self.folder = folder
        self.id = id
        self.isThere = isThere
    }

    private init(new path: ByteString, name: ByteString, _ fresh: PeerID) {
        if let id = PeerID(folderName: name) {
            self.init(folder: path, id: id, isThere: false)
        } else {
            self.init(folder: path.appending(ByteString(fresh.bytes.array)), id: fresh, isThere: false)
        }
    }

    private static func names(in folder: ByteString) throws(SystemError) -> [ByteString] {
        try FolderNames.of(folder, limit: mostNames)
    }

    private static func isBegun(_ folder: ByteString) -> Bool { (try? names(in: folder)).map(isBegun) ?? false }

    /// Nothing is in the folder but what is made before its mark.
    private static func isBegun(_ names: [ByteString]) -> Bool {
        names.allSatisfy { $0 == lock || AtomicFile.isLeftover($0) }
    }

    private static func isPeer(_ folder: ByteString) -> Bool {
        if case .file = try? PathKind(folder.appending(mark)) { true } else { false }
    }

    private static func asking<Answer>(
        _ path: ByteString, _ body: () throws(SystemError) -> Answer
    ) throws(IdentityError) -> Answer {
        do { return try body() } catch { throw .unusable(path, error.text) }
    }
}

extension PeerID {
    /// The id that a folder is named after, as ours look (BEP 20): a client's prefix, then twelve letters and digits.
    package init?(folderName name: ByteString) {
        let dash = UInt8(ascii: "-")
        guard name.bytes.first == dash, name.bytes.count == 20, name.bytes[7] == dash,
            name.bytes.enumerated().allSatisfy({ $0 == 0 || $0 == 7 || $1.isLetterOrDigit }),
            let bytes = Bytes20(name.bytes)
        else { return nil }
        self.init(bytes)
    }
}

/// Why a folder cannot be that of a peer.
package enum IdentityError: Error, Equatable {
    /// It is a file, or something else.
    case noFolder(ByteString)
    /// Something else is in it.
    case foreign(ByteString)
    /// It holds several peers, of these names.
    case several(ByteString, [ByteString])
    /// Another process is this peer.
    case inUse(ByteString)
    /// The file that says what it was cannot be read as one.
    case damaged(ByteString)
    /// With the system's words for it.
    case unusable(ByteString, String)
}
