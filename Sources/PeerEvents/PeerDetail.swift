/// How much a node reports of its connections; each level includes those before it.
package enum PeerDetail: Int, Sendable, Comparable {
    /// Who comes and goes, and what trackers say.
    case connections
    /// Who chokes and unchokes whom.
    case chokes
    /// Each message.
    case words

    /// What `-v`, said so often, asks for.
    package init(verbosity: Int) { self = Self(rawValue: max(0, min(verbosity, Self.words.rawValue))) ?? .connections }

    package static func < (left: PeerDetail, right: PeerDetail) -> Bool { left.rawValue < right.rawValue }
}
