internal import ByteStrings
internal import CommandLineKit
internal import PeerRuntime
internal import TorrentCore
internal import TorrentIO
internal import TrackerRuntime

/// What others type to get what is shared, by each address at which they reach the catalogue here.
struct ShareInvitation {
    private let invitation: Invitation
    /// "http://192.168.1.7:6969", by the addresses on networks, IPv4 first.
    private let far: [String]
    /// The same for this machine; nil where it reaches us by those alone.
    private let near: String?

    init(_ companion: CompanionTracker, _ listening: [Endpoint]) {
        invitation = Invitation(companion, listening)
        let reachable = AnnounceURLs.reachable(companion.endpoints, InterfaceAddress.all())
        far = reachable.filter { !$0.address.isLoopback && !$0.address.isLinkLocal }.map { "http://\($0)" }
        near = companion.endpoints.lazy.compactMap(Self.loopback).first.map { "http://\($0)" }
    }

    /// Where this machine reaches who listens there, if by an address that others have not.
    private static func loopback(_ endpoint: Endpoint) -> Endpoint? {
        if endpoint.address.isLoopback { return endpoint }
        guard endpoint.address.isUnspecified else { return nil }
        return Endpoint(endpoint.address.isV4 ? .loopbackV4 : .loopbackV6, port: endpoint.port)
    }

    /// Somebody else can get it.
    var isReachable: Bool { !far.isEmpty }

    /// Best first.
    private func urls(of torrent: SharedTorrent) -> [String] {
        (far + [near].compactMap(\.self)).map { $0 + torrent.target }
    }

    func say(_ torrent: SharedTorrent, _ output: Output) {
        let metainfo = torrent.kept.metainfo
        let urls = urls(of: torrent)
        let magnet = invitation.link(to: metainfo).description
        guard !output.isJSON else {
            return output.event(
                .object([
                    .init("event", "sharing"), .init("infohash", .string(metainfo.infoHash.description)),
                    .init("name", .bytes(ByteString(metainfo.name.bytes))),
                    .init("length", .integer(metainfo.totalLength)),
                    .init("url", .array(urls.map { .string($0) })), .init("magnet", .string(magnet)),
                    .init("made", .bool(torrent.isNew)),
                ]))
        }
        let files = HumanUnits.count(metainfo.files.count, "file", "files")
        output.result("\(metainfo.name, .bold)  \(HumanUnits.size(metainfo.totalLength)) in \(files). Others type:")
        for url in urls.prefix(far.count) { output.result("  \(Self.command(url), .good)") }
        if let near { output.result("  \(Self.command(near + torrent.target), .good)  on this machine") }
        output.result("  \(Self.command(magnet))")
    }

    private static func command(_ what: String) -> TerminalText { "p2p-peer get \(ShellWord.quoted(what))" }

    /// The best URL as a picture, where somebody looks at it.
    func draw(_ torrent: SharedTorrent, _ output: Output) {
        let terminal = output.standardOutput
        guard terminal.isInteractive, !output.isJSON, let url = urls(of: torrent).first else { return }
        guard let code = QRCode(Array(url.utf8)) else {
            return output.message("the URL is too long for a QR code")
        }
        let (columns, rows) = (code.columns(on: terminal), code.rows(on: terminal))
        guard columns <= terminal.columns, rows < terminal.rows else {
            return output.message(
                "the window is too small for the QR code: it takes \(columns) columns, \(rows + 1) rows")
        }
        output.result(code.drawing(on: terminal))
    }
}

extension IPAddress {
    /// fe80::/10, which is of no use without the interface's name, and 169.254/16, which stands where nothing else is.
    fileprivate var isLinkLocal: Bool {
        switch self {
        case .v4(let address): address >> 16 == 0xA9FE
        case .v6(let high, _): high >> 54 == 0xFE80 >> 6
        }
    }
}
