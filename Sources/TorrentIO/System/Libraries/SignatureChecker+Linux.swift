import CPosixShims

/// Checks signatures of Ed25519 (RFC 8032) for items of the DHT (BEP 44), with the system's libcrypto.
package struct SignatureChecker: Sendable {
    /// Written once, before it is shared, and never freed.
    private struct Library: @unchecked Sendable {
        let pointer: OpaquePointer

        init?(_ name: StaticString) {
            let found = name.withUTF8Buffer { bytes in
                bytes.withMemoryRebound(to: CChar.self) { p2p_signatures_open($0.baseAddress) }
            }
            guard let found else { return nil }
            pointer = found
        }
    }

    private let library: Library

    /// The libcrypto that this system has, looked for once, when it is needed first; nil if there is none that knows
    /// Ed25519.
    package static let system =
        SignatureChecker(library: "libcrypto.so.3")
        ?? SignatureChecker(
            library: "libcrypto.so.1.1")

    /// The libcrypto of that name; nil if there is none, or one that does not know Ed25519.
    package init?(library name: StaticString) {
        guard let library = Library(name) else { return nil }
        self.library = library
    }

    /// Whether a signature of 64 bytes is right for a message and a public key of 32 bytes.
    package func isRight(_ signature: [UInt8], of message: [UInt8], by key: [UInt8]) -> Bool {
        guard key.count == 32, signature.count == 64 else { return false }
        return p2p_signature_is_right(library.pointer, key, signature, message, message.count) == 1
    }
}
