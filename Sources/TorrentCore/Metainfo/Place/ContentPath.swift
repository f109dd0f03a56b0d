/// `path`, as teaching projects write it: where whoever wrote the torrent has the content, or wants it. Within the info
/// dictionary it is part of what the info hash is taken over, so two torrents that differ in it there are two swarms;
/// beside `info` it is a note for whoever has the file.
public struct ContentPath: Hashable, Sendable {
    /// As the torrent has it: a stranger's, and not yet known to be safe.
    public let bytes: [UInt8]
    /// It stands in the info dictionary.
    public let isInInfo: Bool

    public init(_ bytes: [UInt8], isInInfo: Bool) {
        self.bytes = bytes
        self.isInInfo = isInInfo
    }

    /// It ends in a slash: a folder is meant.
    public var namesFolder: Bool { bytes.last == UInt8(ascii: "/") }

    /// Below some folder, and never beside it. `.` and doubled slashes say nothing; what is absolute, climbs, or cannot
    /// be the name of a file is refused. Nil if no name is left: the folder itself is meant.
    public func below() throws(TorrentPath.Unsafe) -> TorrentPath? {
        if bytes.first == UInt8(ascii: "/") { throw TorrentPath.Unsafe(fault: .absolute, component: bytes) }
        let names = bytes.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual(".".utf8) }
        return names.isEmpty ? nil : try TorrentPath(components: names)
    }
}

/// Where the content of a torrent belongs, apart from its name.
struct ContentPlace: Hashable, Sendable {
    /// What the torrent says itself; nil if it says nothing.
    let stated: ContentPath?
    /// Where it was moved to; nil while it is where its name puts it.
    var moved: TorrentPath?
}

extension Metainfo {
    /// Where the torrent says that its content is; nil if it does not.
    public var statedPath: ContentPath? { place.stated }

    /// Where its file, or the folder of its files, was put instead of what it is called; nil if that was not done.
    public var movedPath: TorrentPath? { place.moved }

    /// The same torrent whose file, or folder of files, lies at `root` below the download folder, in place of its name.
    /// Nil if a path becomes longer than any may be. Who shares it with others sees no difference.
    public func moved(to root: TorrentPath) -> Metainfo? {
        let old = movedPath ?? name
        var copy = self
        copy.place.moved = root
        for (position, file) in files.enumerated() where file.path.bytes.starts(with: old.bytes) {
            let path = root.bytes + file.path.bytes.dropFirst(old.bytes.count)
            guard path.count <= TorrentPath.byteLimit else { return nil }
            copy.files[position].path = TorrentPath(checked: path)
        }
        return copy
    }
}
