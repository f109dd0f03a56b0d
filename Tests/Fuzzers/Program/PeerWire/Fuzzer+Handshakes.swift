import TestSupport
import TorrentCore

extension Fuzzer {
    /// The 68 bytes that a connection begins with.
    static let handshake = Fuzzer(
        "handshake", "it is written as it was read, and is refused the sooner or later alike",
        inputLimit: 128
    ) {
        let id = Bytes20(high: 7, middle: 8, low: 9)
        var bytes: [UInt8] = []
        Handshake(infoHash: InfoHash(id), peerID: PeerID(id)).append(to: &bytes)
        return [bytes, Array(bytes.prefix(48)), bytes + [0, 0, 0, 0], Array("GET / HTTP/1.1\r\n\r\n".utf8)]
    } run: { bytes in
        do throws(WireError) {
            let handshake = try bytes.withBytes { span throws(WireError) in try Handshake(parsing: span) }
            var written: [UInt8] = []
            handshake.append(to: &written)
            hold(written == Array(bytes.prefix(Handshake.byteCount)), "written otherwise")
            for cut in cuts(of: bytes) where cut < Handshake.byteCount {
                hold(fault(Array(bytes[..<cut])) == .handshakeTooShort(cut), "a part is not too short")
            }
        } catch {
            hold(error == .notBitTorrent || error == .handshakeTooShort(bytes.count), "\(error)")
            if error == .notBitTorrent { hold(fault(bytes + bytes) == error, "more bytes make it a handshake") }
        }
    }

    private static func fault(_ bytes: [UInt8]) -> WireError? {
        do throws(WireError) {
            _ = try bytes.withBytes { span throws(WireError) in try Handshake(parsing: span) }
            return nil
        } catch {
            return error
        }
    }
}
