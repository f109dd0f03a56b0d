import TorrentCore
import TorrentIO

extension DatagramBatch {
    /// Adds a copy of `bytes`, which must not be longer than `datagramBytes`.
    func append(_ bytes: [UInt8], to endpoint: Endpoint) {
        append(to: endpoint) { room in
            room.copyBytes(from: bytes)
            return bytes.count
        }
    }
}
