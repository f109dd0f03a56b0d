import Synchronization
package import TorrentCore
import TrackerEngine

extension TrackerServer {
    /// Where people fetch a torrent of the catalogue: by its name, unless that is the name of several, of a page of
    /// ours, or none that anybody could type.
    package func path(of entry: CatalogueEntry) -> String {
        let path = entry.nameTarget
        guard path.utf8.count <= Self.longestPath, entry.name.isTypable, Self.isFree(path),
            shared.tracker.withLock({ $0.catalogue.entries(named: entry.name, limit: 0).count }) == 1
        else { return entry.numberTarget }
        return path
    }

    /// A longer one is no shorter to type than a number, and makes a large QR code.
    private static let longestPath = 160

    /// It leads to no page of the tracker, and to no announce.
    private static func isFree(_ target: String) -> Bool {
        Array("GET \(target) HTTP/1.1\r\n\r\n".utf8).withBytes { bytes in
            guard let head = try? HTTPRequestHead.parse(bytes, limit: bytes.byteCount),
                case .unknown = TrackerRoute(head, of: bytes)
            else { return false }
            return true
        }
    }
}
