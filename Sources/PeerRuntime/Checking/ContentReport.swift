package import ByteStrings
package import TorrentCore
package import TorrentIO

/// What of a torrent is in a folder.
package struct ContentReport: Sendable {
    /// The pieces whose hash is right.
    package let pieces: Bitfield
    /// One for each file of the metainfo, in its order; padding and links are `.notStored`.
    package let files: [FileReport]

    /// Every byte is there, and every file has its length.
    package var isComplete: Bool { pieces.isFull && files.allSatisfy(\.isWhole) }
}

/// What of one file is in the folder.
package struct FileReport: Sendable, Hashable {
    /// What stands in its place.
    package enum State: Sendable, Hashable {
        /// There, with its full length; whether its bytes are right is in `differing`.
        case present
        /// Nothing is at its path.
        case missing
        /// Bytes that are there.
        case short(Int64)
        /// Bytes that are there, more than there should be.
        case long(Int64)
        /// Something else is in its place, or it cannot be read.
        case unusable(FileProblem)
        /// Padding and symbolic links have no place on the disk.
        case notStored
    }

    package let path: TorrentPath
    /// Bytes that it should have.
    package let length: Int64
    package let state: State
    /// Bytes of the file in pieces that were read whole and have another hash, in order, merged where adjacent.
    package let differing: [Range<Int64>]
    /// Bytes that are there in pieces that could not be checked, since others of their bytes are missing.
    package let uncheckable: [Range<Int64>]

    package init(
        path: TorrentPath, length: Int64, state: State, differing: [Range<Int64>] = [],
        uncheckable: [Range<Int64>] = []
    ) {
        self.path = path
        self.length = length
        self.state = state
        self.differing = differing
        self.uncheckable = uncheckable
    }

    /// There, of the right length and with the right bytes.
    package var isWhole: Bool {
        (state == .present || state == .notStored) && differing.isEmpty && uncheckable.isEmpty
    }
}

/// Why nothing could be checked at all.
package enum CheckError: Error, Hashable, Sendable {
    /// The folder itself cannot be opened.
    case folder(path: ByteString, SystemError)
    /// Somebody called it off.
    case cancelled
}
