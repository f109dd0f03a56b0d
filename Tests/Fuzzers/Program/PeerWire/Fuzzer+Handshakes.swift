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

    /// The dictionary of extensions (BEP 10).
    static let extensionHandshake = Fuzzer(
        "extension-handshake", "lists and texts keep to their limits; it is written as it was read"
    ) {
        var ours = ExtensionHandshake.ours(listenPort: 6_881, requestQueue: 250, yourAddress: IPAddress("10.0.0.1"))
        ours.extensions = [.init(name: "ut_metadata", id: 1), .init(name: "ut_pex", id: 2)]
        let odd = "d1:md1:ai300e1:bi0ee1:pi0e4:reqqi-1e1:v3:\u{FF}\u{FE}6:yourip4:abcde"
        return [ours.encoded, ExtensionHandshake().encoded, Array(odd.utf8), Array("de".utf8), Array("le".utf8)]
    } run: { bytes in
        guard let read = parse(bytes) else { return }
        hold(read.extensions.count <= ExtensionHandshake.maximumExtensions, "\(read.extensions.count) extensions")
        let texts = read.extensions.map(\.name) + [read.client ?? ""]
        // A stray byte is shown as three.
        hold(texts.allSatisfy { $0.utf8.count <= 3 * ExtensionHandshake.maximumNameBytes }, "a text that is too long")
        guard texts.allSatisfy({ $0.utf8.count <= ExtensionHandshake.maximumNameBytes }) else { return }
        guard Set(read.extensions.map { Array($0.name.utf8) }).count == read.extensions.count else { return }
        var (before, after) = (read, parse(read.encoded))
        // Their order is that of the dictionary.
        before.extensions.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        after?.extensions.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        hold(after == before, "another handshake when written again")
    }

    private static func parse(_ bytes: [UInt8]) -> ExtensionHandshake? {
        try? bytes.withBytes { span throws(WireError) in try ExtensionHandshake(parsing: span) }
    }
}
