import ByteStrings
import PeerRuntime
import TorrentCore
import TorrentIO

// Tests name files by text, most of the time.

extension AtomicFile {
    static func write(_ bytes: [UInt8], to path: String) throws(SystemError) {
        try write(bytes, to: ByteString(path))
    }

    static func readWhole(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
        try readWhole(ByteString(path), limit: limit)
    }
}

extension ContentChecker {
    init(metainfo: Metainfo, folder: String, threads: Int = 1) {
        self.init(metainfo: metainfo, folder: ByteString(folder), threads: threads)
    }
}

extension TorrentMaker {
    init(path: String, options: MakeOptions) throws(MakeError) {
        try self.init(path: ByteString(path), options: options)
    }
}

extension ContentFolder {
    convenience init(_ path: String, creating: Bool = false) throws(SystemError) {
        try self.init(ByteString(path), creating: creating)
    }
}
