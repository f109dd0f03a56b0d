/// What a tracker answers to an announce (BEP 3, 7, 15, 23, 24).
public struct AnnounceResponse: Hashable, Sendable {
    /// How long to wait before announcing again without a reason.
    public var interval: Duration
    /// How long to wait at the least, whatever the reason.
    public var minInterval: Duration?
    /// Seeders, if the tracker says.
    public var complete: Int?
    /// Leechers, if the tracker says.
    public var incomplete: Int?
    /// How often the torrent was downloaded whole, if the tracker says.
    public var downloaded: Int?
    /// IPv4 and IPv6 together, in the order of the answer.
    public var peers: [Endpoint]
    /// Our address as the tracker sees it (BEP 24).
    public var externalAddress: IPAddress?
    /// Untrusted text for the user; the announce was taken all the same.
    public var warning: String?
    /// To be said again in the next announce.
    public var trackerID: [UInt8]

    public init(
        interval: Duration, minInterval: Duration? = nil, complete: Int? = nil, incomplete: Int? = nil,
        downloaded: Int? = nil, peers: [Endpoint] = [], externalAddress: IPAddress? = nil, warning: String? = nil,
        trackerID: [UInt8] = []
    ) {
        self.interval = interval
        self.minInterval = minInterval
        self.complete = complete
        self.incomplete = incomplete
        self.downloaded = downloaded
        self.peers = peers
        self.externalAddress = externalAddress
        self.warning = warning
        self.trackerID = trackerID
    }
}
