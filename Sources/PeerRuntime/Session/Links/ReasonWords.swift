import SwarmEngine
import TorrentIO

extension CloseReason {
    /// For people.
    var words: String {
        switch self {
        case .remoteClosed: "it closed the connection"
        case .connectFailed: "no connection"
        case .handshakeFailed: "no handshake"
        case .networkError: "the connection broke"
        case .protocolViolation(let violation): "it broke the protocol: \(violation.words)"
        case .banned: "it is banned"
        case .duplicate: "another connection leads to it"
        case .ourself: "this is our own address"
        case .idle: "nothing came for too long"
        case .notUseful: "neither has anything for the other"
        case .stopping: "we stop"
        case .wrongTorrent: "it is at work on another torrent"
        case .tooMany: "there are to be fewer connections"
        case .notOfTracker: "the torrent is private, and another tracker answers now"
        case .noWay: "no way leads there from here"
        case .putOff: "too many near it have not answered: it is tried later"
        }
    }
}

extension Violation {
    /// For people.
    var words: String {
        switch self {
        case .pieceOutOfRange: "it named a piece that there is not"
        case .blockOutOfRange: "it named a block that there is not"
        case .blockTooLong: "it asked for a block that is too long"
        case .badBitfield: "its list of pieces does not fit this torrent"
        case .unaskedFast: "it sent messages of an extension that was not agreed on"
        case .malformedFrame: "its messages make no sense"
        case .unaskedBlocks: "it sent too many blocks that nobody asked for"
        case .chatter: "it said far too much that means nothing"
        case .requestFlood: "it asked for too many blocks at once"
        }
    }
}

extension HandshakeLink.Failure {
    /// Somebody was there, and is no use.
    var wasReached: Bool {
        switch self {
        case .noWay, .connect, .timeout: false
        case .dropped, .malformed: true
        }
    }

    /// For people.
    var words: String {
        switch self {
        case .noWay(let error), .connect(let error): error.text.lowercased()
        case .timeout: "no answer in time"
        case .dropped: "it hung up at the handshake: it may require encryption, or not have this torrent"
        case .malformed: "what it says is not BitTorrent, or encrypted"
        }
    }
}
