import TorrentCore

extension Fuzzer {
    /// What somebody on the local network says (BEP 14).
    static let localAnnounce = Fuzzer(
        "local-announce", "what is taken names a port and torrents, each once, and says the same when it is sent on",
        inputLimit: LocalAnnounce.longestAccepted + 16
    ) {
        let hash = String(repeating: "ab", count: 20)
        let odd = [
            "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\nInfohash: \(hash)\r\n\r\n\r\n",
            "BT-SEARCH * HTTP/1.1\nPORT:1\nINFOHASH:\(hash.uppercased())\ncookie: x y\n\n",
            "BT-SEARCH * HTTP/1.1\r\nPort: 0\r\nInfohash: \(hash)0\r\nX\r\n y\r\n: z\r\n\r\n",
        ].map { Array($0.utf8) }
        let ours = LocalGroup.allCases.map { group in
            let hashes = (0..<LocalAnnounce.mostSent).map { InfoHash(Bytes20(high: UInt64($0), middle: 1, low: 2)) }
            return LocalAnnounce(port: 65_535, infoHashes: hashes, cookie: Array("c00c1e".utf8)).encoded(for: group)
        }
        return odd + ours
    } run: { bytes in
        guard
            let announce = try? bytes.withBytes({ span throws(LocalAnnounceError) in
                try LocalAnnounce(parsing: span)
            })
        else { return }
        hold(bytes.count <= LocalAnnounce.longestAccepted, "\(bytes.count) bytes are taken")
        hold(announce.port != 0 && !announce.infoHashes.isEmpty, "nobody, or nothing, is there")
        hold(Set(announce.infoHashes).count == announce.infoHashes.count, "a torrent is there twice")
        hold(
            announce.infoHashes.count * 50 <= bytes.count,
            "\(announce.infoHashes.count) torrents in \(bytes.count) bytes")
        hold(announce.cookie.count <= LocalAnnounce.longestCookie, "a cookie of \(announce.cookie.count) bytes")
        guard announce.infoHashes.count <= LocalAnnounce.mostSent else { return }
        let again = LocalAnnounce(port: announce.port, infoHashes: announce.infoHashes)
        let sent = again.encoded(for: .v6)
        hold(sent.count <= LocalAnnounce.longestSent, "\(sent.count) bytes are sent")
        let back = try? sent.withBytes { span throws(LocalAnnounceError) in try LocalAnnounce(parsing: span) }
        hold(back == again, "it comes back as something else")
    }
}
