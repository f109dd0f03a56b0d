import PeerEvents

extension PeerNotice {
    /// Local discovery has no interface, or no port.
    static func notHeardNearby(_ why: String) -> PeerNotice {
        PeerNotice(
            code: "lan_unavailable", text: "nobody is looked for on the local network: \(why)",
            isDetail: true)
    }
}
