internal import ByteStrings

/// Why a catalogue does not take or give something; each has words for whoever asks, a word for scripts, and a status
/// of HTTP.
package enum CatalogueRefusal: Error, Hashable, Sendable {
    /// The tracker has no catalogue, or is not running.
    case off
    /// The bytes are no .torrent.
    case badTorrent(MetainfoError)
    /// A parameter of the list is none that there is.
    case badQuery(String)
    case tokenWrong
    /// Neither from this machine nor with the token.
    case notAllowed
    /// Not from this machine, and the tracker has no token.
    case noToken
    case notThere
    case tooLarge(limit: Int)
    case wrongType
    /// Every torrent has peers, so none can make room.
    case full
    /// One address has published as much as one may.
    case quota(torrents: Int)
    /// So many changes wait, or so many answers for slow readers, that this one has to come again.
    case busy
    /// The tracker is being ended.
    case stopping
    /// The disk did not take it.
    case notStored(reason: String, isDiskFull: Bool)

    /// For scripts: a word that stays the same.
    package var code: String {
        switch self {
        case .off: "off"
        case .badTorrent: "bad_torrent"
        case .badQuery: "bad_query"
        case .tokenWrong: "token_wrong"
        case .notAllowed: "not_allowed"
        case .noToken: "no_token"
        case .notThere: "not_there"
        case .tooLarge: "too_large"
        case .wrongType: "wrong_type"
        case .full, .quota: "full"
        case .busy, .stopping: "busy"
        case .notStored: "not_stored"
        }
    }

    /// The status of HTTP (RFC 9110, RFC 4918).
    package var status: Int {
        switch self {
        case .badTorrent, .badQuery: 400
        case .tokenWrong: 401
        case .notAllowed, .noToken: 403
        case .off, .notThere: 404
        case .tooLarge: 413
        case .wrongType: 415
        case .busy, .stopping: 503
        case .full, .quota, .notStored: 507
        }
    }
}

extension CatalogueRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .off: "this tracker has no catalogue"
        case .badTorrent(let error): "this is no torrent: \(error)"
        case .badQuery(let what): what
        case .tokenWrong: "the token is not the one that this tracker knows"
        case .notAllowed: "only this tracker's own machine and holders of its token may do this"
        case .noToken: "only this tracker's own machine may do this, for it was given no token"
        case .notThere: "the catalogue has no such torrent"
        case .tooLarge(let limit): "a torrent may have \(limit) bytes here, and this one has more"
        case .wrongType: "send a .torrent, with Content-Type: application/x-bittorrent"
        case .full: "the catalogue is full, and each of its torrents has peers"
        case .quota(let torrents): "your address has published as much as one may: \(torrents) torrents"
        case .busy: "too much is waiting here already: try again in a moment"
        case .stopping: "the tracker is being stopped: try again when it runs"
        case .notStored(let reason, _): "the catalogue could not be written: \(reason)"
        }
    }

    /// Appends it as JSON: `{"error":WORDS,"code":WORD}`.
    package func appendJSON(to output: inout [UInt8]) {
        output.append(ascii: "{\"error\":")
        JSONString.append(description, .ascii, to: &output)
        output += ",\"code\":\"\(code)\"}".utf8
    }
}
