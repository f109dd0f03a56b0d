import TorrentCore

/// What an announce has to bring along, to show that it comes from where it says (BEP 5): whoever has it was sent it
/// there. Nothing is kept of those who were given one.
struct AnnounceTokens {
    /// A token is good for as long as that, and until the next one's time is over.
    static let period = Duration.seconds(300)

    private let hash: SipHash

    init(secret: UInt64) {
        hash = SipHash(secret: secret, purpose: "tokens")
    }

    /// The token of an address.
    func token(for address: IPAddress, at now: Moment) -> [UInt8] {
        var token: [UInt8] = []
        token.appendBigEndian(number(of: address, in: Self.span(at: now)))
        return token
    }

    /// Whether an address was given this token now or in the span of time before.
    func accepts(_ token: [UInt8], from address: IPAddress, at now: Moment) -> Bool {
        guard token.count == 8 else { return false }
        let number = token.withBytes { $0.uint64(at: 0) }
        let span = Self.span(at: now)
        return number == self.number(of: address, in: span) || number == self.number(of: address, in: span &- 1)
    }

    /// The number of the span is hashed too: that is the secret which changes.
    private func number(of address: IPAddress, in span: UInt64) -> UInt64 {
        let words = address.words
        return hash.hash(words.0, words.1, span)
    }

    private static func span(at now: Moment) -> UInt64 {
        UInt64(bitPattern: now.nanoseconds / period.wholeNanoseconds)
    }
}
