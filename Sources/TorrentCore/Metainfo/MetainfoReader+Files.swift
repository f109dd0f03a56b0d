extension MetainfoReader {
    /// What is shared, and whether it is a single file, from the info dictionary.
    func files(in name: TorrentPath) throws(MetainfoError) -> (files: [MetainfoFile], isSingle: Bool) {
        let length = try value(.length, .integer)?.integer
        let list = try value(.files, .list)?.list
        switch (length, list) {
        case (let length?, nil):
            guard length >= 0 else { throw .negativeLength(file: 0, length) }
            // A whole torrent of padding, or that is a link, has no meaning: those letters are dropped.
            let letters = try value(.attr, .string)?.string ?? []
            let attributes = FileAttributes(letters: letters).subtracting([.padding, .symbolicLink])
            let file = MetainfoFile(
                path: name, length: length, attributes: attributes, md5sum: try value(.md5sum, .string)?.string,
                linkTarget: nil)
            return ([file], true)
        case (nil, let list?):
            guard list.count > 0 else { throw .noFiles }
            guard list.count <= limits.files else { throw .tooManyFiles(list.count, limit: limits.files) }
            return (try files(list, in: name), false)
        case (nil, nil):
            // Version 2 has a tree of files instead (BEP 52).
            if node["file tree"] != nil, node["pieces"] == nil { throw .onlyVersion2 }
            throw .neitherOrBothOfLengthAndFiles
        default:
            throw .neitherOrBothOfLengthAndFiles
        }
    }

    private func files(_ list: BencodeList, in name: TorrentPath) throws(MetainfoError) -> [MetainfoFile] {
        var files: [MetainfoFile] = []
        files.reserveCapacity(list.count)
        for (position, entry) in list.enumerated() {
            files.append(try FileEntry(entry, file: position).file(in: name))
        }
        try checkCollisions(files)
        return files
    }

    /// Padding may share its path, for it is never on disk.
    private func checkCollisions(_ files: [MetainfoFile]) throws(MetainfoError) {
        let stored = files.indices.filter { !files[$0].isPadding }
        guard let (left, right) = PathCollisions.first(in: stored.map { files[$0].path }) else { return }
        let (file, other) = (stored[left], stored[right])
        throw .collidingPaths(file: file, other: other, path: files[file].path)
    }
}

/// One entry of `files`, its keys picked out in one pass: there may be 100,000 of them.
private struct FileEntry {
    private let position: Int
    private let node: BencodeNode
    // Where in the document's table the values stand: a node each would keep the document six times.
    private var lengthAt: Int?
    private var pathAt: Int?
    private var pathUTF8At: Int?
    private var attrAt: Int?
    private var md5sumAt: Int?
    private var symlinkPathAt: Int?

    init(_ node: BencodeNode, file position: Int) throws(MetainfoError) {
        self.position = position
        self.node = node
        guard node.kind == .dictionary else {
            throw .wrongKind(.files, expected: .dictionary, found: node.kind)
        }
        var at = node.firstKey
        while let key = at {
            let value = key + 1
            if node.isKey("length", at: key) {
                lengthAt = value
            } else if node.isKey("path", at: key) {
                pathAt = value
            } else if node.isKey("path.utf-8", at: key) {
                pathUTF8At = value
            } else if node.isKey("attr", at: key) {
                attrAt = value
            } else if node.isKey("md5sum", at: key) {
                md5sumAt = value
            } else if node.isKey("symlink path", at: key) {
                symlinkPathAt = value
            }
            at = node.key(after: key)
        }
    }

    private func value(_ at: Int?) -> BencodeNode? { at.map { BencodeNode(storage: node.storage, position: $0) } }
    private var length: BencodeNode? { value(lengthAt) }
    private var path: BencodeNode? { value(pathAt) }
    private var pathUTF8: BencodeNode? { value(pathUTF8At) }
    private var symlinkPath: BencodeNode? { value(symlinkPathAt) }

    func file(in folder: TorrentPath) throws(MetainfoError) -> MetainfoFile {
        let (attr, md5sum) = (value(attrAt), value(md5sumAt))
        if let attr, attr.kind != .string { throw .badFileEntry(file: position, .attr) }
        if let md5sum, md5sum.kind != .string { throw .badFileEntry(file: position, .md5sum) }
        let attributes = FileAttributes(letters: attr?.string ?? [])
        let length = try checkedLength(attributes)
        let path = try checkedPath(in: folder, attributes, length: length)
        return MetainfoFile(
            path: path, length: length, attributes: attributes, md5sum: md5sum?.string,
            linkTarget: attributes.contains(.symbolicLink) ? try linkTarget() : nil)
    }

    private func checkedLength(_ attributes: FileAttributes) throws(MetainfoError) -> Int64 {
        let isLink = attributes.contains(.symbolicLink)
        // A link has no bytes and may leave the length out.
        guard let length = length == nil && isLink ? 0 : length?.integer else {
            throw .badFileEntry(file: position, .length)
        }
        guard length >= 0 else { throw .negativeLength(file: position, length) }
        guard length == 0 || !isLink else { throw .linkWithLength(file: position, length) }
        return length
    }

    private func checkedPath(
        in folder: TorrentPath, _ attributes: FileAttributes, length: Int64
    ) throws(MetainfoError) -> TorrentPath {
        guard let path = pathUTF8 ?? path else {
            guard attributes.contains(.padding) else { throw .badFileEntry(file: position, .path) }
            return TorrentPath(checked: folder.bytes + Array("/.pad/\(length)".utf8))
        }
        let joined: TorrentPath?
        do { joined = try folder.appending(path) } catch { throw .unsafePath(file: position, error) }
        guard let joined else { throw .badFileEntry(file: position, pathUTF8 == nil ? .path : .pathUTF8) }
        return joined
    }

    private func linkTarget() throws(MetainfoError) -> TorrentPath? {
        guard let symlinkPath else { return nil }
        guard let components = components(symlinkPath) else {
            throw .badFileEntry(file: position, .symlinkPath)
        }
        do { return try TorrentPath(components: components) } catch {
            throw .unsafeLinkTarget(file: position, error)
        }
    }

    /// The strings of a list, without a copy; nil if it is anything else.
    private func components(_ node: BencodeNode) -> [ArraySlice<UInt8>]? {
        guard let list = node.list else { return nil }
        var components: [ArraySlice<UInt8>] = []
        components.reserveCapacity(list.count)
        for entry in list {
            guard let bytes = entry.stringBytes else { return nil }
            components.append(bytes)
        }
        return components
    }
}
