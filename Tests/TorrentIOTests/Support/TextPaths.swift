import ByteStrings
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

extension ContentFolder {
    convenience init(_ path: String, creating: Bool = false) throws(SystemError) {
        try self.init(ByteString(path), creating: creating)
    }
}
