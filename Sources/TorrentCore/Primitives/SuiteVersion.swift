/// The version of these programs, in all the forms in which it is said. Its number stands here and nowhere else.
public enum SuiteVersion {
    private static let number = (major: 0, minor: 1, patch: 0)

    /// "0.1.0"
    public static let text = "\(number.major).\(number.minor).\(number.patch)"
    /// "0.1", for trackers, which need not know more.
    public static let short = "\(number.major).\(number.minor)"
    /// "p2p-peer 0.1.0": how the peer names itself to others, and in a torrent that it has made.
    public static let peer = "p2p-peer \(text)"
    /// Major and minor number, for messages of the DHT (BEP 5).
    static let twoBytes = [UInt8(number.major), UInt8(number.minor)]
    /// "0100", for peer ids (BEP 20). Each part must be less than ten.
    static let fourDigits = "\(number.major)\(number.minor)\(number.patch)0"
}
