/// The extensions of the peer protocol that we know (BEP 10), a row each. The raw value is the id under which we want
/// to be sent it.
///
/// A further one is a row here and, if messages are sent under it, a case of `ExtensionMessage`; then the compiler
/// shows the rest of the way.
public enum PeerExtension: UInt8, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    /// The info dictionary, from peers (BEP 9).
    case metadata = 1
    /// Whom else the sender is connected with (BEP 11).
    case exchange = 2
    /// The sender has a piece no more (BEP 54).
    case lacks = 3
    /// Of our own: the sender gives turns of whole pieces. No message is sent under it.
    case turns = 4

    /// As it stands in the handshake.
    public var name: String {
        switch self {
        case .metadata: "ut_metadata"
        case .exchange: "ut_pex"
        case .lacks: "lt_donthave"
        case .turns: "p2p_turns"
        }
    }
}

/// The ids by which one side wants to be sent extensions: `m` of its handshake, as far as we know the names (BEP 10).
///
/// A handshake may name an extension, turn it off, or say nothing of it. A later one changes what it names and leaves
/// the rest.
public struct ExtensionIDs: Hashable, Sendable, BitwiseCopyable {
    /// A byte a row, the first row in the lowest: 0 is off.
    private var ids: UInt64 = 0
    /// A bit a row that is named.
    private var named: UInt8 = 0

    /// There is room for so many rows.
    static let mostRows: UInt8 = 8

    /// Nothing is named.
    public init() {}

    /// What we say: these rows, and of the others nothing.
    public init(ours rows: some Sequence<PeerExtension>) {
        for row in rows { self[row] = row.rawValue }
    }

    /// What is said of a row: nil for nothing, 0 if it is turned off. Setting nil leaves it unnamed.
    public subscript(row: PeerExtension) -> UInt8? {
        get { named & row.bit == 0 ? nil : UInt8(truncatingIfNeeded: ids >> row.shift) }
        set {
            ids = ids & ~(0xFF << row.shift) | UInt64(newValue ?? 0) << row.shift
            if newValue == nil { named &= ~row.bit } else { named |= row.bit }
        }
    }

    /// The id under which the sender of these is to be sent this extension; nil if it does not speak it.
    public func id(for row: PeerExtension) -> UInt8? {
        self[row].flatMap { $0 == 0 ? nil : $0 }
    }

    /// The sender of these wants to be sent this extension.
    public func speaks(_ row: PeerExtension) -> Bool { id(for: row) != nil }

    /// A later handshake has named `others`.
    public mutating func change(to others: ExtensionIDs) {
        for row in PeerExtension.allCases {
            if let id = others[row] { self[row] = id }
        }
    }
}

extension PeerExtension {
    fileprivate var bit: UInt8 { 1 << (rawValue - 1) }
    fileprivate var shift: UInt64 { UInt64(rawValue - 1) * 8 }
}
