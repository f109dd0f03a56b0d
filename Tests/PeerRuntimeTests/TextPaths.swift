import ByteStrings
import PeerRuntime
import TorrentCore

// Tests name files by text, most of the time.

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
