/// Where peers on a local network hear of each other, one group for each family (BEP 14).
public enum LocalGroup: CaseIterable, Hashable, Sendable {
    case v4, v6

    /// Of both groups.
    public static let port: UInt16 = 6_771

    /// 239.192.152.143:6771 or [ff15::efc0:988f]:6771.
    public var endpoint: Endpoint {
        switch self {
        case .v4: Endpoint(.v4(0xEFC0_988F), port: Self.port)
        case .v6: Endpoint(.v6(0xFF15 << 48, 0xEFC0_988F), port: Self.port)
        }
    }
}
