/// What is wrong with a request to a tracker; each has words for whoever sent it.
public enum TrackerRequestError: Error, Hashable, Sendable {
    case missing(Field)
    case malformed(Field)
    /// A UDP request shorter than its kind is (BEP 15).
    case tooShort(bytes: Int)
    /// A connect request without the protocol's magic number.
    case notTheProtocol
    case unknownAction(UInt32)

    /// A parameter that a request must have, by its name on the wire.
    public enum Field: String, Hashable, Sendable {
        case infoHash = "info_hash"
        case peerID = "peer_id"
        case port
    }

    /// A failure reason for the answer.
    public var reason: StaticString {
        switch self {
        case .missing(.infoHash): "info_hash is missing"
        case .missing(.peerID): "peer_id is missing"
        case .missing(.port): "port is missing"
        case .malformed(.infoHash): "info_hash is not 20 bytes"
        case .malformed(.peerID): "peer_id is not 20 bytes"
        case .malformed(.port): "port is no number from 0 to 65535"
        case .tooShort: "the packet is too short"
        case .notTheProtocol: "not a connect request"
        case .unknownAction: "the action is unknown"
        }
    }
}
