extension MetainfoReader {
    /// What is shared, and whether it is a single file, from the info dictionary.
    func files(
        in name: TorrentPath, _ remarks: inout MetainfoRemarks
    ) throws(MetainfoError) -> (files: [MetainfoFile], isSingle: Bool) {
        if let list = try fileList(&remarks) {
            guard list.count > 0 else { throw .noFiles }
            guard list.count <= limits.files else { throw .tooManyFiles(list.count, limit: limits.files) }
            if node["length"] != nil { remarks.add(.lengthBesideFiles) }
            return (try files(list, in: name, &remarks), false)
        }
        guard let length = try strict(.length, .integer)?.integer else {
            // Version 2 has a tree of files instead (BEP 52).
            if node["file tree"] != nil, node["pieces"] == nil { throw .onlyVersion2 }
            throw .neitherLengthNorFiles
        }
        guard length >= 0 else { throw .negativeLength(file: 0, length) }
        // A single file that is padding or a link makes no sense: those letters are dropped.
        let letters = optional(.attr, .string, &remarks)?.string ?? []
        let attributes = FileAttributes(letters: letters).subtracting([.padding, .symbolicLink])
        let sum = optional(.md5sum, .string, &remarks)?.string
        return ([MetainfoFile(path: name, length: length, attributes: attributes, md5sum: sum, linkTarget: nil)], true)
    }

    /// `files`; what is no list is as if absent beside a length.
    private func fileList(_ remarks: inout MetainfoRemarks) throws(MetainfoError) -> BencodeList? {
        guard let value = node["files"], value.kind != .list, node["length"]?.integer != nil else {
            return try strict(.files, .list)?.list
        }
        remarks.add(.ignored(.files, found: value.kind))
        return nil
    }

    private func files(
        _ list: BencodeList, in name: TorrentPath, _ remarks: inout MetainfoRemarks
    ) throws(MetainfoError) -> [MetainfoFile] {
        var files: [MetainfoFile] = []
        files.reserveCapacity(list.count)
        for (position, entry) in list.enumerated() {
            files.append(try FileEntry(entry, file: position).file(in: name, &remarks))
        }
        // Padding files may share a path, since they are never on disk.
        let stored = files.indices.filter { !files[$0].isPadding }
        for renaming in DistinctPaths.renamings(of: stored.map { files[$0].path }) {
            let file = stored[renaming.position]
            remarks.add(.takenPath(file: file, files[file].path, renaming.path))
            files[file].path = renaming.path
        }
        return files
    }
}

/// One entry of `files`, its keys picked out in one pass: there may be 100,000 of them.
private struct FileEntry {
    private let position: Int
    private let node: BencodeNode
    // Positions of the values in the document's table: six nodes would keep the document six times.
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
                lengthAt = lengthAt ?? value
            } else if node.isKey("path", at: key) {
                pathAt = pathAt ?? value
            } else if node.isKey("path.utf-8", at: key) {
                pathUTF8At = pathUTF8At ?? value
            } else if node.isKey("attr", at: key) {
                attrAt = attrAt ?? value
            } else if node.isKey("md5sum", at: key) {
                md5sumAt = md5sumAt ?? value
            } else if node.isKey("symlink path", at: key) {
                symlinkPathAt = symlinkPathAt ?? value
            }
            at = node.key(after: key)
        }
    }

    private func value(_ at: Int?) -> BencodeNode? { at.map { BencodeNode(storage: node.storage, position: $0) } }
    private var length: BencodeNode? { value(lengthAt) }
    private var path: BencodeNode? { value(pathAt) }
    private var pathUTF8: BencodeNode? { value(pathUTF8At) }
    private var symlinkPath: BencodeNode? { value(symlinkPathAt) }

    func file(in folder: TorrentPath, _ remarks: inout MetainfoRemarks) throws(MetainfoError) -> MetainfoFile {
        let attributes = FileAttributes(letters: string(attrAt, .attr, &remarks) ?? [])
        let length = try checkedLength(attributes, &remarks)
        let path = try path(in: folder, attributes, length: length, &remarks)
        return MetainfoFile(
            path: path, length: length, attributes: attributes, md5sum: string(md5sumAt, .md5sum, &remarks),
            linkTarget: attributes.contains(.symbolicLink) ? linkTarget(&remarks) : nil)
    }

    /// Longest `md5sum` or `attr`, bytes; both are far shorter.
    private static let stringLimit = 256

    private func string(_ at: Int?, _ key: MetainfoKey, _ remarks: inout MetainfoRemarks) -> [UInt8]? {
        guard let node = value(at) else { return nil }
        guard let bytes = node.stringBytes, bytes.count <= Self.stringLimit else {
            remarks.add(.ignoredInFile(position, key))
            return nil
        }
        return Array(bytes)
    }

    private func checkedLength(
        _ attributes: FileAttributes, _ remarks: inout MetainfoRemarks
    ) throws(MetainfoError) -> Int64 {
        // A link has no bytes and may leave the length out (BEP 47).
        if attributes.contains(.symbolicLink) {
            if let length, length.integer != 0 { remarks.add(.linkWithLength(file: position)) }
            return 0
        }
        guard let length = length?.integer else { throw .badFileEntry(file: position, .length) }
        guard length >= 0 else { throw .negativeLength(file: position, length) }
        return length
    }

    /// `path.utf-8` wins, if it is a path.
    private func path(
        in folder: TorrentPath, _ attributes: FileAttributes, length: Int64, _ remarks: inout MetainfoRemarks
    ) throws(MetainfoError) -> TorrentPath {
        if let pathUTF8 {
            if let usable = usable(pathUTF8, in: folder, &remarks) { return usable }
            if path != nil { remarks.add(.ignoredInFile(position, .pathUTF8)) }
        }
        if let usable = path.flatMap({ usable($0, in: folder, &remarks) }) { return usable }
        guard attributes.contains(.padding) else {
            throw .badFileEntry(file: position, path == nil && pathUTF8 != nil ? .pathUTF8 : .path)
        }
        return TorrentPath(checked: folder.bytes + Array("/.pad/\(length)".utf8))
    }

    /// Nil if it is no list of strings, or an empty one, which is an error (BEP 3).
    private func usable(
        _ node: BencodeNode, in folder: TorrentPath, _ remarks: inout MetainfoRemarks
    ) -> TorrentPath? {
        if let path = folder.appending(node) { return path }
        guard let names = names(node), !names.isEmpty else { return nil }
        let path = TorrentPath(repairing: names, below: folder)
        remarks.add(.repairedPath(file: position, MetainfoRemark.kept(names), path))
        return path
    }

    private func linkTarget(_ remarks: inout MetainfoRemarks) -> TorrentPath? {
        let target = symlinkPath.flatMap { names($0) }.flatMap { try? TorrentPath(components: $0) }
        if target == nil { remarks.add(.linkNowhere(file: position)) }
        return target
    }

    /// The strings of a list, without a copy; nil if it is anything else. Of more than any path has room for, the first
    /// and the last.
    private func names(_ node: BencodeNode) -> [ArraySlice<UInt8>]? {
        guard let list = node.list else { return nil }
        var names: [ArraySlice<UInt8>] = []
        let limit = TorrentPath.byteLimit / 2
        names.reserveCapacity(min(list.count, limit + 1))
        for entry in list {
            guard let bytes = entry.stringBytes else { return nil }
            if names.count > limit { names.removeLast() }
            names.append(bytes)
        }
        return names
    }
}
