import CPosixShims

/// Takes compressed answers apart, with the system's zlib if there is one.
package struct Inflater: Sendable {
    /// Why compressed bytes could not be read.
    package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The system has no zlib.
        case unavailable
        /// What comes out is longer than whoever asked allows.
        case tooLong(limit: Int)
        case malformed

        package var description: String {
            switch self {
            case .unavailable: "its answer is compressed, and there is no libz.so.1 here to read it"
            case .tooLong(let limit): "its answer is compressed, and longer than \(limit >> 20) MiB"
            case .malformed: "its answer is compressed, and damaged"
            }
        }
    }

    /// Written once, before it is shared, and never freed.
    private struct Library: @unchecked Sendable {
        let pointer: OpaquePointer?

        init(_ name: StaticString) {
            pointer = name.withUTF8Buffer { bytes in
                bytes.withMemoryRebound(to: CChar.self) { p2p_inflate_open($0.baseAddress) }
            }
        }

        static let ofSystem = Library("libz.so.1")
    }

    /// Nil: that of the system.
    private let named: Library?
    private var library: OpaquePointer? { (named ?? .ofSystem).pointer }

    /// The zlib that this system has; looked for once, when it is needed first.
    package static let system = Inflater(named: nil)

    private init(named: Library?) {
        self.named = named
    }

    /// The zlib of that name; `isAvailable` says whether there is one.
    package init(library name: StaticString) {
        self.init(named: Library(name))
    }

    package var isAvailable: Bool { library != nil }

    /// Whether `bytes` begin as gzip does.
    package static func isGzip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B, 8]) }

    /// What gzip, zlib or bare deflate data holds, at most `limit` bytes; of data that ends early what there is.
    package func inflated(_ bytes: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
        guard let library else { throw .unavailable }
        // One byte more than is allowed shows that there is more.
        var output = [UInt8](repeating: 0, count: limit + 1)
        var written = 0
        var result = p2p_inflate(library, 0, bytes, bytes.count, &output, output.count, &written)
        // Some send "deflate" without the frame that it ought to have (RFC 9110, 8.4.1.2).
        if result == Int32(P2P_INFLATE_MALFORMED), written == 0, !Self.isGzip(bytes) {
            result = p2p_inflate(library, 1, bytes, bytes.count, &output, output.count, &written)
        }
        switch result {
        case Int32(P2P_INFLATE_WHOLE), Int32(P2P_INFLATE_CUT_SHORT): break
        case Int32(P2P_INFLATE_FULL): throw .tooLong(limit: limit)
        default: throw .malformed
        }
        guard written <= limit else { throw .tooLong(limit: limit) }
        return Array(output[..<written])
    }
}
