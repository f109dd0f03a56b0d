package import HTTPService
package import TorrentCore
package import TorrentIO

/// Why a catalogue, or another place of the web, did not give or take something.
package enum CatalogueError: Error, Hashable, Sendable {
    /// It cannot be reached, or what it says is no answer.
    case call(HTTPCallFailure)
    /// Not all of it had come by then.
    case tooSlow(Duration)
    /// Its caller ended it.
    case cancelled
    /// The system gave us nothing to ask with.
    case cannotAsk(SystemError)
    /// The catalogue's own words, and its word for scripts.
    case refused(status: Int, code: String, words: String)
    /// A status that says no, and no words that we can read.
    case status(Int)
    /// Something else is there.
    case stranger(WebContent)
    /// JSON, but broken.
    case badJSON(JSONError)
    /// JSON, but no catalogue's.
    case notACatalogue(CatalogueFormatError)
    /// What came as a .torrent is none.
    case badTorrent(MetainfoError)
    /// A sound .torrent, but not that of the list.
    case wrongTorrent(wanted: InfoHash, came: InfoHash)
    /// No torrent that is so called.
    case noSuchTorrent
    /// Its list goes on beyond all limits: so many torrents had come.
    case endless(torrents: Int)
}

extension CatalogueError: CustomStringConvertible {
    /// May hold words of strangers.
    package var description: String {
        switch self {
        case .call(let failure): "\(failure)"
        case .tooSlow(let time): "not all of its answer came within \(time.components.seconds) seconds"
        case .cancelled: "interrupted"
        case .cannotAsk(let error): error.text
        case .refused(_, _, let words): words
        case .status(404): "nothing is there (404)"
        case .status(let status): "it answers with status \(status)"
        case .stranger(let content): "\(content)"
        case .badJSON(let error): "its list is broken: \(error)"
        case .notACatalogue(let error): "its answer is no catalogue's: \(error)"
        case .badTorrent(let error): "what came is no torrent: \(error)"
        case .wrongTorrent(let wanted, let came): "it sent the torrent \(came) in place of \(wanted)"
        case .noSuchTorrent: "its catalogue has no such torrent"
        case .endless(let count): "its list has no end: after \(count) torrents there was more"
        }
    }
}

extension CatalogueError {
    /// The catalogue is there, and what was asked for is not.
    package var isNotThere: Bool {
        switch self {
        case .refused(let status, _, _), .status(let status): status == 404
        case .noSuchTorrent: true
        default: false
        }
    }
}

/// What bytes from the web look like, by how they begin.
package enum WebContent: Hashable, Sendable, CustomStringConvertible {
    case nothing, webPage, bencode, json, magnetLink, compressed, unknown

    /// Looks at the first bytes of `body`.
    package init(_ body: [UInt8]) {
        let start = Array(body.prefix(64).drop { $0 <= 0x20 || $0 >= 0x80 })
        let text = String(decoding: start, as: UTF8.self).lowercased()
        self =
            if body.isEmpty {
                .nothing
            } else if body.first == UInt8(ascii: "d"), body.count > 1, (0x30...0x39).contains(body[1]) {
                .bencode
            } else if body.starts(with: [0x1F, 0x8B]) || body.starts(with: Array("PK".utf8)) {
                .compressed
            } else if text.hasPrefix("<") {
                .webPage
            } else if text.hasPrefix("{") || text.hasPrefix("[") {
                .json
            } else if text.hasPrefix("magnet:") {
                .magnetLink
            } else {
                .unknown
            }
    }

    package var description: String {
        switch self {
        case .nothing: "an empty answer"
        case .webPage: "a web page"
        case .bencode: "a torrent, or what a tracker says"
        case .json: "JSON"
        case .magnetLink: "a magnet link"
        case .compressed: "something compressed"
        case .unknown: "neither a torrent nor a catalogue"
        }
    }
}
