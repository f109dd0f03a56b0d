import ByteStrings
import Glibc
import Synchronization
import TorrentCore

extension FileStorage {
    /// Replaces a file that has further hard links with a copy, so that it can be written to while the others stay as
    /// they are. The copy is ours; bytes beyond its length in the torrent are left out.
    package func detach(_ file: Int) throws(StorageError) {
        try withStripe(file) { () throws(FileProblem) in
            let source = OpenFile(try folder.open(path(file), .read), isWritable: false)
            let standing = try StandingFile(of: source.descriptor)
            if let change = StandingFile.change(from: holding(file).standing, to: standing) { throw change }
            let count = min(standing.size, files[file].length)
            let copy = try folder.replace(path(file)) { (copy) throws(FileProblem) in
                try Self.copy(source, to: OpenFile(copy, isWritable: true), count: count)
            }
            forget(file)
            let now = try StandingFile(of: copy)
            ledger.withLock { ledger in
                ledger.holdings[file] = FileHolding(standing: now, leave: .write)
                ledger.created[file] = true
                ledger.dirty[file] = true
            }
        }
    }

    /// Zeros are left out: a sparse file stays one.
    private static func copy(_ source: OpenFile, to target: OpenFile, count: Int64) throws(FileProblem) {
        let part = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { part.deallocate() }
        guard ftruncate(target.descriptor.number, off_t(count)) == 0 else { throw .system(.last("ftruncate")) }
        var offset: Int64 = 0
        while offset < count {
            let bytes = UnsafeMutableRawBufferPointer(rebasing: part[..<Int(min(Int64(part.count), count - offset))])
            try source.read(bytes, at: offset)
            if bytes.contains(where: { $0 != 0 }) { try target.write(UnsafeRawBufferPointer(bytes), at: offset) }
            offset += Int64(bytes.count)
        }
    }
}

extension ContentFolder {
    /// Fills a new file and puts it in the place of the one at `path`, whole or not at all.
    func replace(
        _ path: RelativePath, filling: (Descriptor) throws(FileProblem) -> Void
    ) throws(FileProblem) -> Descriptor {
        let folder = try openFolder(path.folders, creating: false)
        let temporary: TemporaryFile
        do throws(SystemError) {
            temporary = try TemporaryFile(in: folder, mode: 0o666)
        } catch {
            throw .system(error)
        }
        defer { temporary.remove() }
        try filling(temporary.file)
        do throws(SystemError) {
            var old = stat()
            let result = Self.withCString(path.name) { fstatat(folder.number, $0, &old, AT_SYMLINK_NOFOLLOW) }
            if result == 0 { try temporary.take(modeAndOwnerOf: old) }
            try temporary.replace(ByteString(Array(path.name)))
        } catch {
            throw .system(error)
        }
        return temporary.file
    }
}
