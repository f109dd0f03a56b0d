package import ByteStrings

/// One torrent of a tracker's catalogue, as lists show it.
package struct CatalogueEntry: Hashable, Sendable {
    /// What people call it by; never used twice by one catalogue.
    package var number: Int
    package var infoHash: InfoHash
    /// The name of the file or folder, as the torrent has it: need not be UTF-8, and is untrusted.
    package var name: ByteString
    /// Bytes of all files.
    package var length: Int64
    /// How many files, those alone that stand on a disk.
    package var files: Int
    package var isPrivate: Bool
    /// At this moment.
    package var seeders = 0
    /// At this moment.
    package var leechers = 0
    /// Whole downloads that the tracker has counted.
    package var downloads = 0
    /// Seconds since 1970.
    package var added: Int64
    /// Names of seeders, the first of them; untrusted.
    package var seeds: [String] = []
    /// Names of leechers, the first of them; untrusted.
    package var others: [String] = []
    /// A link that names the tracker.
    package var magnet: String

    /// Most names in either list.
    package static let nameLimit = 20

    package init(
        number: Int, infoHash: InfoHash, name: ByteString, length: Int64, files: Int, isPrivate: Bool, added: Int64,
        magnet: String
    ) {
        self.number = number
        self.infoHash = infoHash
        self.name = name
        self.length = length
        self.files = files
        self.isPrivate = isPrivate
        self.added = added
        self.magnet = magnet
    }

    /// Where its .torrent is on the tracker: the target of a request.
    package var torrentTarget: String { "/torrents/\(infoHash).torrent" }
}

/// What else a catalogue says of one torrent.
package struct CatalogueDetail: Hashable, Sendable {
    /// The first files, at most `fileLimit`.
    package var files: [File] = []
    /// Bytes.
    package var pieceLength: Int
    /// How many there are.
    package var pieces: Int
    /// Untrusted text.
    package var comment: String?
    /// Untrusted text.
    package var createdBy: String?

    /// A file by its path below the download folder, which is untrusted and need not be UTF-8.
    package struct File: Hashable, Sendable {
        /// With `/` between its names.
        package var path: ByteString
        /// Bytes.
        package var length: Int64

        package init(path: ByteString, length: Int64) {
            self.path = path
            self.length = length
        }
    }

    /// Most files that are listed.
    package static let fileLimit = 1_000
    /// Characters of a comment and of the maker's name that are kept.
    package static let textLimit = 2_000

    package init(pieceLength: Int, pieces: Int) {
        self.pieceLength = pieceLength
        self.pieces = pieces
    }
}
