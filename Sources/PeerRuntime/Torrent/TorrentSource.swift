package import ByteStrings
package import TorrentCore

/// What names a torrent: its metainfo, a magnet link to it, or both.
package struct TorrentSource: Sendable {
    package let infoHash: InfoHash
    /// Nil as long as nobody has sent it.
    package private(set) var metainfo: Metainfo?
    /// Nil for a torrent that came from a file alone.
    package private(set) var link: MagnetLink?

    package init(_ metainfo: Metainfo) {
        infoHash = metainfo.infoHash
        self.metainfo = metainfo
    }

    package init(_ link: MagnetLink) {
        infoHash = link.infoHash
        self.link = link
    }

    /// The name in the metainfo, else that in the link, else the info hash: untrusted text.
    package var name: ByteString {
        if let metainfo { return ByteString(metainfo.name.bytes) }
        guard let name = link?.displayName, !name.isEmpty else { return ByteString(infoHash.hex) }
        return name
    }

    /// The same with the metainfo `moved`, whose content lies elsewhere.
    package func placed(_ moved: Metainfo) -> TorrentSource {
        precondition(moved.infoHash == infoHash, "another torrent")
        var source = self
        source.metainfo = moved
        return source
    }

    /// Takes over what another source of the same torrent knows. False if that is nothing of use: a private torrent
    /// keeps to the trackers of its own file.
    package mutating func adopt(_ other: TorrentSource) -> Bool {
        precondition(other.infoHash == infoHash, "another torrent")
        var isOfUse = false
        if let theirs = other.metainfo {
            if metainfo == nil {
                learn(theirs)
                isOfUse = true
            } else {
                isOfUse = metainfo?.adopt(theirs) ?? false
            }
        }
        guard let theirs = other.link else { return isOfUse }
        let brings = metainfo?.adopt(theirs)
        guard link != nil else {
            link = theirs
            return isOfUse || brings ?? true
        }
        let isNews = link?.adopt(theirs) ?? false
        return isOfUse || brings ?? isNews
    }

    /// With the metainfo, if an earlier run has kept it: it has the right hash, and was a torrent then.
    package func withKept(in records: ResumeStore) -> TorrentSource {
        guard metainfo == nil, let bytes = records.metadata(of: infoHash), let kept = try? metainfo(of: bytes) else {
            return self
        }
        var known = self
        known.learn(kept)
        return known
    }

    /// The metainfo that info bytes make, with what the link knows; throws if they make none.
    func metainfo(of infoBytes: [UInt8]) throws(MetainfoError) -> Metainfo {
        try Metainfo(
            infoBytes: infoBytes, trackerTiers: link?.trackerTiers ?? [], webSeeds: link?.webSeeds ?? [])
    }

    /// The metainfo is known from now on.
    mutating func learn(_ metainfo: Metainfo) {
        var known = metainfo
        if let link { _ = known.adopt(link) }
        self.metainfo = known
    }
}
