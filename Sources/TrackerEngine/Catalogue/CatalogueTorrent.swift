package import ByteStrings
package import TorrentCore

/// A torrent as a catalogue holds it: the file, and what lists say of it. Made before the catalogue is locked, since
/// reading a large one takes its time.
package final class CatalogueTorrent: Sendable {
    package let infoHash: InfoHash
    /// Of the file or folder; untrusted.
    package let name: ByteString
    /// Bytes of all files.
    package let length: Int64
    /// Those that stand on a disk.
    package let fileCount: Int
    package let detail: CatalogueDetail
    package let file: TorrentFile
    /// Bytes that it takes in memory, about.
    package let cost: Int
    /// Without our tracker.
    private let link: MagnetLink
    // What a search looks at.
    let foldedName: [UInt8]
    // The same for sorting, which compares eight bytes at a time.
    let nameWords: [UInt64]
    let hex: [UInt8]

    /// Most of the torrent's own trackers that a link names, and bytes of one of them.
    private static let linkTrackers = 8
    private static let linkURLBytes = 512

    /// Reads a .torrent.
    package init(
        parsing bytes: [UInt8], limits: MetainfoLimits = MetainfoLimits()
    ) throws(CatalogueRefusal) {
        let metainfo: Metainfo
        do throws(MetainfoError) {
            metainfo = try Metainfo(parsing: bytes, limits: limits)
            file = try TorrentFile(bytes, of: metainfo, limits: limits)
        } catch {
            throw .badTorrent(error)
        }
        infoHash = metainfo.infoHash
        name = ByteString(metainfo.name.bytes)
        length = metainfo.totalLength
        let stored = metainfo.files.lazy.filter(\.isStored)
        fileCount = stored.count
        var detail = CatalogueDetail(pieceLength: metainfo.pieceLength, pieces: metainfo.pieceCount)
        detail.files = stored.prefix(CatalogueDetail.fileLimit).map {
            CatalogueDetail.File(path: ByteString($0.path.bytes), length: $0.length)
        }
        detail.comment = metainfo.comment.map { String($0.prefix(CatalogueDetail.textLimit)) }
        detail.createdBy = metainfo.createdBy.map { String($0.prefix(CatalogueDetail.textLimit)) }
        self.detail = detail
        var link = MagnetLink(infoHash: infoHash)
        link.displayName = name
        link.trackers = Array(
            metainfo.trackerTiers.joined().filter { $0.utf8.count <= Self.linkURLBytes }.prefix(Self.linkTrackers))
        self.link = link
        let folded = Self.folded(name.bytes)
        foldedName = folded
        nameWords = stride(from: 0, to: folded.count, by: 8).map { start in
            (start..<start + 8).reduce(0) { $0 << 8 | ($1 < folded.count ? UInt64(folded[$1]) : 0) }
        }
        hex = Array(infoHash.hex.utf8)
        cost = bytes.count + detail.files.reduce(2_048) { $0 + $1.path.bytes.count + 64 }
    }

    /// A link that names `trackers` first; the torrent's own alone if it is private (BEP 27).
    package func magnet(announcing trackers: [String]) -> String {
        guard !file.isPrivate else { return link.description }
        var link = link
        link.trackers = trackers + link.trackers.filter { !trackers.contains($0) }
        return link.description
    }

    /// ASCII in lower case, all else as it is.
    static func folded(_ bytes: [UInt8]) -> [UInt8] {
        bytes.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
    }
}
