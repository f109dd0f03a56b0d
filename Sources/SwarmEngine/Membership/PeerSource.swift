/// Where an address came from, by how far it is trusted.
package enum PeerSource: UInt8, Hashable, Sendable, BitwiseCopyable {
    case user, tracker, incoming
}
