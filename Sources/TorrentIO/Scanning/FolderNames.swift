package import ByteStrings
import Glibc

/// What is directly in a folder, by its names.
package enum FolderNames {
    /// At most `limit` of them, as the system lists them, without `.` and `..`.
    package static func of(_ folder: ByteString, limit: Int) throws(SystemError) -> [ByteString] {
        guard let stream = folder.withCharacters({ opendir($0) }) else { throw .last("opendir") }
        defer { closedir(stream) }
        var names: [ByteString] = []
        while names.count < limit, let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { ByteString($0.prefix { $0 != 0 }) }
            if name != "." as ByteString, name != ".." as ByteString { names.append(name) }
        }
        return names
    }
}
