package import ByteStrings
package import TorrentCore
import TorrentIO

/// A peer's own folder, named after its id: whoever is started with it again is the same peer, at the same port, with
/// the same data. One process at a time.
///
///     ID/peer     the port
///        config   its settings
///        data/    what it downloads
///        state/   records of what was verified, and nodes of the DHT
///        lock
package final class PeerIdentity: Sendable {
    package let id: PeerID
    /// Its own.
    package let folder: ByteString
    /// It was made just now.
    package let isNew: Bool
    /// Where it listened the last time; nil if it never did.
    package let port: UInt16?
    private let lock: LockFile

    /// Longest file with the port that is read, bytes.
    private static let recordLimit = 4_096

    /// What stands in the settings of a new peer.
    private static let settingsText = """
        # Settings of this peer alone; they come before those of all. As on the command line, such as
        # upload-limit = 2M

        """

    /// Makes the peer of `place` if it is not there. Throws if another process is it.
    package init(_ place: IdentityPlace) throws(IdentityError) {
        let folder = place.folder
        do throws(SystemError) {
            _ = try ContentFolder(folder, creating: true)
            lock = try LockFile(folder.appending(IdentityPlace.lock))
        } catch {
            throw .unusable(folder, error.text)
        }
        guard lock.lock(0, exclusive: true) != .taken else { throw .inUse(folder) }
        let isThere = place.isThere
        port = isThere ? try Self.port(in: folder) : nil
        (id, self.folder, isNew) = (place.id, folder, !isThere)
        do throws(SystemError) {
            if !isThere {
                try AtomicFile.write(Self.record(of: nil), to: folder.appending(IdentityPlace.mark))
                try AtomicFile.write(Array(Self.settingsText.utf8), to: Self.settings(in: folder))
            }
            _ = try ContentFolder(data, creating: true)
        } catch {
            throw .unusable(folder, error.text)
        }
    }

    /// What it downloads, and serves.
    package var data: ByteString { folder.appending("data") }
    /// Its own records.
    package var records: ResumeStore { ResumeStore(folder: folder.appending("state")) }

    /// A configuration file, as the programs read it.
    package static func settings(in folder: ByteString) -> ByteString { folder.appending("config") }

    /// It listens here from now on, now and after the next start.
    package func keep(port: UInt16) throws(IdentityError) {
        guard port != self.port else { return }
        let path = folder.appending(IdentityPlace.mark)
        do throws(SystemError) {
            try AtomicFile.expectRegular(path)
            try AtomicFile.write(Self.record(of: port), to: path)
        } catch {
            throw .unusable(path, error.text)
        }
    }

    // MARK: The record

    private static let title = "p2p-peer 1\n"

    private static func record(of port: UInt16?) -> [UInt8] {
        Array((title + (port.map { "port \($0)\n" } ?? "")).utf8)
    }

    private static func port(in folder: ByteString) throws(IdentityError) -> UInt16? {
        let path = folder.appending(IdentityPlace.mark)
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try AtomicFile.readRegular(path, limit: recordLimit)
        } catch {
            throw .unusable(path, error.text)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        if text == title { return nil }
        guard text.hasPrefix(title + "port "), text.hasSuffix("\n"),
            let port = UInt16(text.dropFirst(title.count + 5).dropLast()), port > 0
        else { throw .damaged(path) }
        return port
    }
}
