internal import TorrentCore

/// Stands here until the formats land.
struct MagnetLink {
    let description: String
    init(_ metainfo: Metainfo) { description = "magnet:?xt=urn:btih:\(metainfo.infoHash)" }
}
