package import ByteStrings
package import TorrentCore
package import TorrentIO

/// A torrent of a file or folder of the user that is kept, so that it is made again only when something there has
/// changed: a name, a size, a time or an inode, as a resume record sees it.
package struct KeptTorrent: Sendable {
    package let metainfo: Metainfo
    /// The whole file.
    package let bytes: [UInt8]

    private static let version: Int64 = 1
    private static let checksumLength = 20

    /// Throws if `bytes` are none that we would take.
    package init(_ bytes: [UInt8]) throws(MetainfoError) {
        metainfo = try Metainfo(parsing: bytes)
        self.bytes = bytes
    }

    /// With the mark of what it was made of, and a checksum at the end.
    fileprivate func encoded(_ fingerprint: SHA1Digest) -> [UInt8] {
        let value: BencodeValue = [
            "version": .integer(Self.version), "made of": .string(fingerprint.bytes.array), "torrent": .string(bytes),
        ]
        let body = value.encoded
        return body + SHA1.digest(of: body).bytes.array
    }

    /// Nil if it is no whole one, or was made of something else.
    fileprivate init?(_ record: [UInt8], madeOf fingerprint: SHA1Digest) {
        let body = Array(record.dropLast(Self.checksumLength))
        let limits = BencodeLimits(byteCount: BencodeLimits.longestMetainfo + 1_024, depth: 2, items: 16)
        guard record.suffix(Self.checksumLength).elementsEqual(SHA1.digest(of: body).bytes.array),
            let value = try? BencodeValue(decoding: body, limits: limits),
            value["version"]?.integer == Self.version, value["made of"]?.string == fingerprint.bytes.array,
            let torrent = value["torrent"]?.string
        else { return nil }
        try? self.init(torrent)
    }
}

extension ResumeStore {
    /// The torrent that was made of what `maker` has found, if nothing of it has changed since.
    package func torrent(madeOf maker: TorrentMaker) -> KeptTorrent? {
        guard let path = path(of: maker),
            let record = try? AtomicFile.readRegular(path, limit: BencodeLimits.longestMetainfo + 1_024)
        else { return nil }
        return KeptTorrent(record, madeOf: maker.fingerprint)
    }

    /// Keeps a torrent that was just made of what `maker` has found, in the place of the last one of that path, and
    /// that every piece of it is there: who seeds it next need not hash it again.
    package func keep(_ torrent: KeptTorrent, madeOf maker: TorrentMaker) throws(SystemError) {
        guard let path = path(of: maker) else { return }
        try put(torrent.encoded(maker.fingerprint), at: path)
        let metainfo = torrent.metainfo
        let files = maker.source.files
        // What we would not store under the name that it has cannot be recognised.
        guard metainfo.files.count == files.count, metainfo.files.allSatisfy(\.isStored) else { return }
        let record = ResumeRecord(
            infoHash: metainfo.infoHash, have: Bitfield(count: metainfo.pieceCount, filled: true),
            signatures: files.map(\.signature), leaves: Array(repeating: .compare, count: files.count))
        guard let content = try maker.contentFolder() else { return }
        try save(record, in: try ContentFolder(content, readsThroughLinks: true))
    }

    /// One for each path without links, and name.
    private func path(of maker: TorrentMaker) -> ByteString? {
        guard let folder, let real = try? PathKind.real(maker.source.path) else { return nil }
        let key = SHA1.digest(of: real.bytes + [0] + maker.name)
        return folder.appending("\(String(key.hex.prefix(16))).made")
    }
}

extension TorrentMaker {
    /// The folder in which a seeder finds what the torrent names; nil if it names it otherwise than the disk does.
    package func contentFolder() throws(SystemError) -> ByteString? {
        let path = source.path
        if path.lastComponent.bytes == name { return path.parent }
        // PATH may end with a slash, or be `.`: then it has the name of where it leads.
        let real = try PathKind.real(path)
        return real.lastComponent.bytes == name ? real.parent : nil
    }

    /// Differs as soon as anything does that makes another torrent.
    fileprivate var fingerprint: SHA1Digest {
        var hash = SHA1()
        func add(_ bytes: [UInt8]) { bytes.withBytes { hash.update($0) } }
        func add(_ numbers: UInt64...) {
            var bytes: [UInt8] = []
            for number in numbers { bytes.appendBigEndian(number) }
            add(bytes)
        }
        add(UInt64(pieceLength), isSingleFile ? 1 : 0, UInt64(name.count))
        add(name)
        for file in source.files {
            let signature = file.signature
            add(UInt64(file.name.bytes.count))
            add(file.name.bytes)
            add(
                UInt64(bitPattern: signature.size), UInt64(bitPattern: signature.modified),
                UInt64(bitPattern: signature.changed), UInt64(bitPattern: signature.born), signature.inode)
        }
        return hash.finish()
    }
}
