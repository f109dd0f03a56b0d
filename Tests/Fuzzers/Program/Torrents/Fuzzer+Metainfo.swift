import TestSupport
import TorrentCore

extension Fuzzer {
    /// Torrent files.
    static let metainfo = Fuzzer(
        "metainfo", "names are safe, lengths add up, and the info dictionary alone gives the same content",
        inputLimit: 8_192
    ) {
        TorrentVariant.all.map(\.bytes).filter { $0.count <= 8_192 }
    } run: { bytes in
        guard let torrent = try? Metainfo(parsing: bytes) else { return }
        hold(torrent.files.reduce(0) { $0 + $1.length } == torrent.totalLength, "the files are not all of it")
        hold(torrent.layout.totalLength == torrent.totalLength, "another length in the layout")
        let pieces = (torrent.totalLength + Int64(torrent.pieceLength) - 1) / Int64(torrent.pieceLength)
        hold(Int64(torrent.pieceCount) == pieces, "\(torrent.pieceCount) pieces instead of \(pieces)")
        for piece in torrent.geometry.pieces { _ = torrent.check(of: piece) }
        hold(torrent.remarks.count <= torrent.remarkCount, "more remarks than were counted")
        var stored: Set<[UInt8]> = []
        for file in torrent.files {
            check(file.path)
            if file.isStored { hold(stored.insert(file.path.bytes).inserted, "two files at one path") }
        }
        check(torrent.name)
        var alone = Array("d4:info".utf8)
        alone += torrent.infoBytes
        alone += Array("e".utf8)
        guard let other = try? Metainfo(parsing: alone) else {
            return hold(false, "the info dictionary alone is refused")
        }
        hold(other.infoHash == torrent.infoHash, "another info hash")
        hold(other.files == torrent.files && other.geometry == torrent.geometry, "other content")
        let bare = try? Metainfo(infoBytes: torrent.infoBytes)
        hold(bare?.infoHash == torrent.infoHash && bare?.files == torrent.files, "other content without the rest")
        let again = try? Metainfo(parsing: torrent.encoded)
        hold(again?.infoBytes == torrent.infoBytes, "another torrent when it is written")
        let link = MagnetLink(torrent)
        let read = try? MagnetLink(parsing: link.description)
        hold(read?.infoHash == torrent.infoHash || link.description.utf8.count > MagnetLink.byteLimit, "a wrong link")
    }

    /// Nothing that leads out of a folder, or that no file can have.
    private static func check(_ path: TorrentPath) {
        hold(
            path.bytes.count <= TorrentPath.byteLimit && !path.components.isEmpty, "a path of \(path.bytes.count) bytes"
        )
        for component in path.components {
            hold(TorrentPath.fault(of: component) == nil, "an unsafe name in \(path)")
            hold(!component.isEmpty && !component.contains(0) && !component.contains(0x2F), "no name in \(path)")
            hold(!component.elementsEqual(".".utf8) && !component.elementsEqual("..".utf8), "a way out in \(path)")
        }
    }

    /// Magnet links.
    static let magnet = Fuzzer("magnet", "a link that is read and written again is the same; lists keep to their limit")
    {
        let hash = String(repeating: "ab", count: 20)
        return [
            "magnet:?xt=urn:btih:\(hash)",
            "magnet:?xt=urn:btih:\(hash)&dn=a+b%20c&tr=http%3A%2F%2Ft%2Fannounce&ws=http://w/&x.pe=h:1&x.pe=[::1]:2",
            "magnet:?xt=urn:btih:VOV2XK5LVOV2XK5LVOV2XK5LVOV2XK5L&tr.1=udp://t:1&tr.2=udp://u:2&so=0,2,4,6-8",
            "magnet:?xt.1=urn:btih:\(hash)&xt.2=urn:btmh:1220\(hash)", "magnet:?dn=%", "magnet:?xt=urn:btih:12",
        ].map { Array($0.utf8) }
    } run: { bytes in
        guard let link = try? MagnetLink(parsing: String(decoding: bytes, as: UTF8.self)) else { return }
        hold(link.namedPeers.count + link.oddPeers.count == link.peers.count, "a peer is lost")
        hold(link.namedPeers.allSatisfy { $0.port != 0 && !$0.host.isEmpty }, "a peer that is nowhere")
        hold(link.selection.map { FileSelection($0.description) == $0 } ?? true, "other files")
        for list in [link.trackers, link.webSeeds, link.peers] {
            hold(list.count <= MagnetLink.entryLimit, "\(list.count) entries")
        }
        let text = link.description
        hold((try? MagnetLink(parsing: text)) == link, "another link when written again: \(text)")
    }
}
