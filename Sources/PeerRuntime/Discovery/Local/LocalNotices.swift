import PeerEvents
import TorrentIO

extension PeerNotice {
    /// Local discovery has no interface, or no port.
    static func notHeardNearby(_ error: SystemError) -> PeerNotice {
        PeerNotice(
            code: "lan_unavailable", text: "nobody is looked for on the local network: \(error.text.lowercased())",
            isDetail: true)
    }
}
