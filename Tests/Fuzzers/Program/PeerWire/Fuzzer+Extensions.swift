import TestSupport
import TorrentCore

extension Fuzzer {
    /// The dictionary of extensions (BEP 10).
    static let extensionHandshake = Fuzzer(
        "extension-handshake", "numbers and texts keep to their limits; it is written as it was read"
    ) {
        var ours = ExtensionHandshake.ours(listenPort: 6_881, requestQueue: 250, yourAddress: IPAddress("10.0.0.1"))
        ours.ids = ExtensionIDs(ours: PeerExtension.allCases)
        ours.metadataSize = 31_235
        ours.ipv6 = IPAddress("2001:db8::1")
        let odd = "d1:md6:ut_pexi300e11:ut_metadatai0ee1:pi0e4:reqqi-1e1:v3:\u{FF}\u{FE}6:yourip4:abcde"
        return [ours.encoded, ExtensionHandshake().encoded, Array(odd.utf8), Array("de".utf8), Array("le".utf8)]
    } run: { bytes in
        guard let read = extensionHandshake(bytes) else { return }
        hold(read.metadataSize.map { $0 > 0 } ?? true, "metadata of \(read.metadataSize ?? 0) bytes")
        let length = read.client?.utf8.count ?? 0
        // A stray byte is shown as three.
        hold(length <= 3 * ExtensionHandshake.maximumNameBytes, "a text that is too long")
        guard length <= ExtensionHandshake.maximumNameBytes else { return }
        hold(extensionHandshake(read.encoded) == read, "another handshake when written again")
    }

    private static func extensionHandshake(_ bytes: [UInt8]) -> ExtensionHandshake? {
        try? bytes.withBytes { span throws(WireError) in try ExtensionHandshake(parsing: span) }
    }

    /// What peers say of the metadata (BEP 9).
    static let metadataMessage = Fuzzer(
        "metadata-message", "the bytes of a block end with the message; it is written as it was read"
    ) {
        let messages: [MetadataMessage] = [.request(piece: 0), .reject(piece: .max)]
        let texts = messages.map { message in
            var bytes: [UInt8] = []
            message.append(to: &bytes)
            return bytes
        }
        let data = Array("d8:msg_typei1e5:piecei0e10:total_sizei3425ee".utf8) + [UInt8](repeating: 7, count: 64)
        return texts + [data, Array("d8:msg_typei9ee".utf8), Array("d5:piecei1e8:msg_typei0e1:a1:bee".utf8)]
    } run: { bytes in
        guard let (message, payload) = metadata(bytes) else { return }
        hold(payload.upperBound == bytes.count && !bytes.isEmpty, "bytes of a block past the end")
        for cut in cuts(of: bytes) where cut < payload.lowerBound {
            hold(metadata(Array(bytes[..<cut])) == nil, "a dictionary without its end")
        }
        guard message != .unknown else { return }
        if case .data(_, let totalSize, let length) = message {
            hold(totalSize > 0 && length == payload.count, "a block of \(length) bytes")
        }
        var written: [UInt8] = []
        message.append(to: &written)
        if case .data = message { written += bytes[payload] }
        hold(metadata(written)?.message == message, "another message when written again")
    }

    private static func metadata(_ bytes: [UInt8]) -> (message: MetadataMessage, payload: Range<Int>)? {
        try? bytes.withBytes { span throws(WireError) in try MetadataMessage.parse(span) }
    }

    /// Lists of peers from peers (BEP 11).
    static let peerExchange = Fuzzer(
        "peer-exchange", "lists keep to their limits, and nobody is in one twice; it is written as it was read"
    ) {
        let four = Endpoint(.v4(0x0102_0304), port: 6_881)
        let six = Endpoint(.v6(1 << 61, 1), port: 6_881)
        let exchanges = [
            PeerExchange(), PeerExchange(added: [ExchangedPeer(four, .utp)], dropped: [six]),
            PeerExchange(added: [ExchangedPeer(six), ExchangedPeer(four, [.reachable, .uploadOnly])]),
        ]
        return exchanges.map(written) + [Array("d5:added7:abcdefg7:added.fi1e8:dropped6lee".utf8)]
    } run: { bytes in
        guard let read = exchange(bytes) else { return }
        let (added, dropped) = (read.added.map(\.endpoint), read.dropped)
        for list in [added, dropped] {
            hold(list.count <= PeerExchange.mostRead, "\(list.count) peers")
            hold(list.allSatisfy { $0.port != 0 && !$0.address.isUnspecified }, "a peer at no address")
        }
        for list in [added, dropped] { hold(Set(list).count == list.count, "a peer is named twice") }
        hold(exchange(written(read)) == ordered(read), "other lists when written again")
    }

    private static func exchange(_ bytes: [UInt8]) -> PeerExchange? {
        try? bytes.withBytes { span throws(WireError) in try PeerExchange(parsing: span) }
    }

    private static func written(_ exchange: PeerExchange) -> [UInt8] {
        var bytes: [UInt8] = []
        exchange.append(to: &bytes)
        return bytes
    }

    /// As it is read again: IPv4 first, with what was mapped into IPv6.
    private static func ordered(_ exchange: PeerExchange) -> PeerExchange {
        PeerExchange(
            added: exchange.added.filter(\.endpoint.address.isV4)
                + exchange.added.filter { !$0.endpoint.address.isV4 },
            dropped: exchange.dropped.filter(\.address.isV4) + exchange.dropped.filter { !$0.address.isV4 })
    }
}
