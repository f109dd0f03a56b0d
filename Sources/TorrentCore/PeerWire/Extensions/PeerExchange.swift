/// Whom the sender has connected with, and whom it has lost, since it last said so (BEP 11).
public struct PeerExchange: Hashable, Sendable {
    /// Those who have come.
    public var added: [ExchangedPeer]
    /// Where those listen who are gone.
    public var dropped: [Endpoint]

    /// Most peers of either list that a message of ours has. The first one could have more.
    public static let mostSent = 50
    /// Most peers of either list that are read of one message; some programs send a few more than the standard says.
    public static let mostRead = 200

    public init(added: [ExchangedPeer] = [], dropped: [Endpoint] = []) {
        self.added = added
        self.dropped = dropped
    }

    /// Tells nothing.
    public var isEmpty: Bool { added.isEmpty && dropped.isEmpty }

    /// From what follows the id of the extension. Lists of a wrong kind are taken for absent. Peers that nobody could
    /// connect to, and those that are named twice, are left out.
    public init(parsing body: RawSpan) throws(WireError) {
        let limits = BencodeLimits(byteCount: MessageReader.longestExtended, depth: 4, items: 64)
        guard let document = try? BencodeDocument(body.array, limits: limits), document.root.kind == .dictionary else {
            throw .badExtensionMessage(.exchange)
        }
        self.init()
        var named: (added: Set<Endpoint>, dropped: Set<Endpoint>) = ([], [])
        for list in Self.lists {
            let flags = document.root[list.flags]?.string ?? []
            Self.read(document.root[list.added], list.stride, &named.added) { peer, position in
                let flags = position < flags.count ? ExchangedPeer.Flags(rawValue: flags[position]) : []
                added.append(ExchangedPeer(peer, flags))
            }
            Self.read(document.root[list.dropped], list.stride, &named.dropped) { peer, _ in dropped.append(peer) }
        }
    }

    /// Appends the dictionary. `added` stands there even where it is empty, as one list has to.
    public func append(to bytes: inout [UInt8]) {
        var entries = BencodeDictionary()
        for list in Self.lists {
            let (added, dropped) = (added.filter(list.holds), dropped.filter(list.holds))
            if !added.isEmpty || list.stride == Self.lists[0].stride {
                entries[list.added] = .string(Self.compact(added.map(\.endpoint)))
                entries[list.flags] = .string(added.map(\.flags.rawValue))
            }
            if !dropped.isEmpty { entries[list.dropped] = .string(Self.compact(dropped)) }
        }
        BencodeValue.dictionary(entries).encode(into: &bytes)
    }

    /// The lists of one family of addresses: their names, and the bytes of a peer in them.
    private struct Lists: Sendable {
        let added: String
        let flags: String
        let dropped: String
        let stride: Int

        func holds(_ endpoint: Endpoint) -> Bool { endpoint.address.isV4 == (stride == 6) }
        func holds(_ peer: ExchangedPeer) -> Bool { holds(peer.endpoint) }
    }

    private static let lists = [
        Lists(added: "added", flags: "added.f", dropped: "dropped", stride: 6),
        Lists(added: "added6", flags: "added6.f", dropped: "dropped6", stride: 18),
    ]

    private static func compact(_ endpoints: [Endpoint]) -> [UInt8] {
        var bytes: [UInt8] = []
        for endpoint in endpoints { endpoint.appendCompact(to: &bytes) }
        return bytes
    }

    /// Calls `body` with each usable peer of a packed list that is not among `named` yet, and its position there. What
    /// is left over at the end fills no peer.
    private static func read(
        _ node: BencodeNode?, _ stride: Int, _ named: inout Set<Endpoint>, _ body: (Endpoint, Int) -> Void
    ) {
        guard let packed = node?.string else { return }
        packed.withBytes { bytes in
            for position in 0..<bytes.byteCount / stride {
                guard named.count < mostRead else { return }
                let start = position * stride
                guard let peer = Endpoint(compact: bytes.extracting(start..<start + stride)), peer.isConnectable,
                    named.insert(peer).inserted
                else { continue }
                body(peer, position)
            }
        }
    }
}

/// A peer of whom another one tells.
public struct ExchangedPeer: Hashable, Sendable, BitwiseCopyable {
    /// Where it listens.
    public let endpoint: Endpoint
    public let flags: Flags

    public init(_ endpoint: Endpoint, _ flags: Flags = []) {
        self.endpoint = endpoint
        self.flags = flags
    }

    /// What the teller knows of it (BEP 11).
    public struct Flags: OptionSet, Hashable, Sendable, BitwiseCopyable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// It would rather have its connections ciphered.
        public static let prefersEncryption = Flags(rawValue: 0x01)
        /// It has everything, or will fetch nothing.
        public static let uploadOnly = Flags(rawValue: 0x02)
        /// It speaks uTP (BEP 29).
        public static let utp = Flags(rawValue: 0x04)
        /// It helps others through their firewalls.
        public static let holepunch = Flags(rawValue: 0x08)
        /// The teller connected to it, so it can be reached.
        public static let reachable = Flags(rawValue: 0x10)
    }
}

extension Endpoint {
    /// Somebody could be there.
    fileprivate var isConnectable: Bool { port != 0 && !address.isUnspecified && !address.isMulticast }
}
