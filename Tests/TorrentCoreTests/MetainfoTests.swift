import Testing
import TorrentCore

@Suite struct MetainfoTests {
    private let digest = String(repeating: "D", count: 20)

    private func parse(_ text: String, limits: MetainfoLimits = MetainfoLimits()) throws(MetainfoError) -> Metainfo {
        try Metainfo(parsing: Array(text.utf8), limits: limits)
    }

    /// A torrent of one file with `extra` in its info dictionary and `around` before it.
    private func single(_ info: String = "", around: String = "") -> String {
        "d\(around)4:infod6:lengthi5e4:name1:n12:piece lengthi16384e6:pieces20:\(digest)\(info)ee"
    }

    /// A torrent of these entries of `files`, with as many pieces as are given.
    private func multi(_ files: String, pieces: Int = 1) -> String {
        "d4:infod5:filesl\(files)e4:name1:n12:piece lengthi16384e6:pieces\(pieces * 20):"
            + String(repeating: digest, count: pieces) + "ee"
    }

    private func file(_ path: String..., length: Int = 1, more: String = "") -> String {
        "d6:lengthi\(length)e4:pathl" + path.map { "\($0.utf8.count):\($0)" }.joined() + "e\(more)e"
    }

    @Test func `addresses that are no UTF-8 keep their bytes, percent-coded`() throws {
        let text = single(around: "8:announce12:http://a/~ü13:announce-listll10:http://a/~el10:http://ü/ee")
            .replacingTail(with: "8:url-listl10:http://w/~ee")
        let torrent = try Metainfo(parsing: Array(text.utf8).map { $0 == UInt8(ascii: "~") ? 0xE9 : $0 })
        #expect(torrent.announce == "http://a/%E9%C3%BC")
        #expect(torrent.trackerTiers == [["http://a/%E9"], ["http://ü/"]])
        #expect(torrent.webSeeds == ["http://w/%E9"])
    }

    @Test func `the info dictionary alone makes the same torrent, with what a link knows`() throws {
        let whole = try parse(single("7:privatei1e", around: "8:announce8:http://a"))
        let alone = try Metainfo(
            infoBytes: whole.infoBytes, trackerTiers: [["http://b"], ["udp://c:1"]], webSeeds: ["http://w"])
        #expect(alone.infoHash == whole.infoHash && alone.infoBytes == whole.infoBytes)
        #expect(alone.files == whole.files && alone.geometry == whole.geometry && alone.isPrivate)
        #expect(alone.trackerTiers == [["http://b"], ["udp://c:1"]] && alone.webSeeds == ["http://w"])
        #expect(alone.announce == nil && alone.comment == nil)
    }

    @Test func `an info dictionary is a whole one and nothing behind it`() throws {
        let bytes = try parse(single()).infoBytes
        #expect(throws: MetainfoError.self) { try Metainfo(infoBytes: bytes + [UInt8(ascii: "e")]) }
        #expect(throws: MetainfoError.self) { try Metainfo(infoBytes: Array(bytes.dropLast())) }
        #expect(throws: MetainfoError.rootNotDictionary(.list)) { try Metainfo(infoBytes: Array("le".utf8)) }
        #expect(throws: MetainfoError.self) { try Metainfo(infoBytes: Array("de".utf8)) }
    }

    @Test func `a tracker is named in a tier before the others, unless it is known or the torrent is private`() throws {
        let around = "8:announce8:http://x13:announce-listll8:http://aee"
        for (info, names, known) in [("", true, false), ("7:privatei1e", false, false), ("", false, true)] {
            let before = try parse(single(info, around: around))
            var torrent = before
            let ours = known ? ["http://a"] : ["http://o", "http://a", "http://p"]
            #expect(torrent.announceFirst(at: ours) == names)
            let written = try Metainfo(parsing: torrent.encoded)
            #expect(written.trackerTiers == (names ? [["http://o", "http://p"], ["http://a"]] : [["http://a"]]))
            #expect(written.infoHash == before.infoHash && written.infoBytes == before.infoBytes)
        }
        var bare = try parse(single())
        let isNamed = bare.announceFirst(at: ["http://o"])
        #expect(isNamed)
        #expect(try Metainfo(parsing: bare.encoded).trackerTiers == [["http://o"]])
    }

    @Test func `what is written is the same torrent again`() throws {
        for text in [
            single(), single("1:zi1e", around: "8:announce8:http://a"),
            single(
                around: "8:announce8:http://x13:announce-listll8:http://ael8:http://b0:8:http://cee7:comment2:hi"
                    + "10:created by2:me13:creation datei17e9:httpseedsl8:http://he"
            ).replacingTail(with: "5:nodesll9:127.0.0.1i6881eee8:url-list8:http://we"),
        ] {
            let torrent = try parse(text)
            let again = try Metainfo(parsing: torrent.encoded)
            #expect(again.infoBytes == torrent.infoBytes)
            #expect(again.trackerTiers == torrent.trackerTiers && again.announce == torrent.announce)
            #expect(again.webSeeds == torrent.webSeeds && again.httpSeeds == torrent.httpSeeds)
            #expect(again.nodes == torrent.nodes && again.comment == torrent.comment)
            #expect(again.createdBy == torrent.createdBy && again.creationDate == torrent.creationDate)
            #expect(again.remarks == [])
        }
    }

    @Test func `a link brings its trackers along, but for a private torrent`() throws {
        for isPrivate in [false, true] {
            var torrent = try parse(single(isPrivate ? "7:privatei1e" : "", around: "8:announce8:http://a"))
            var link = MagnetLink(infoHash: torrent.infoHash)
            link.trackers = ["http://a", "http://b"]
            let isOfUse = torrent.adopt(link)
            #expect(isOfUse == !isPrivate)
            #expect(torrent.trackerTiers == (isPrivate ? [["http://a"]] : [["http://a"], ["http://b"]]))
        }
    }

    @Test func `a single file is read whole`() throws {
        let torrent = try parse(
            single(
                "7:privatei1e6:source3:SRC",
                around: "8:announce8:http://a13:announce-listll8:http://ael8:http://b0:8:http://cee7:comment2:hi"
                    + "10:created by2:me13:creation datei1700000000e9:httpseedsl8:http://he"
            ).replacingTail(with: "5:nodesll9:127.0.0.1i6881eee8:url-list8:http://we"))
        #expect(torrent.isSingleFile)
        #expect(torrent.name.description == "n")
        #expect(torrent.files.map(\.path.description) == ["n"])
        #expect(torrent.totalLength == 5)
        #expect(torrent.pieceCount == 1)
        let expected = Bytes20(Array(digest.utf8)).map { PieceCheck.sha1(SHA1Digest($0)) }
        #expect(torrent.check(of: torrent.geometry.piece(0)) == expected)
        #expect(torrent.isPrivate)
        #expect(torrent.source == "SRC")
        #expect(torrent.announce == "http://a")
        #expect(torrent.trackerTiers == [["http://a"], ["http://b", "http://c"]])
        #expect(torrent.comment == "hi")
        #expect(torrent.createdBy == "me")
        #expect(torrent.creationDate == 1_700_000_000)
        #expect(torrent.httpSeeds == ["http://h"])
        #expect(torrent.webSeeds == ["http://w"])
        #expect(torrent.nodes == [Metainfo.DHTNode(host: "127.0.0.1", port: 6881)])
        #expect(!torrent.remarks.contains(.unsortedKeys))
        #expect(torrent.infoHash.bytes == SHA1.digest(of: torrent.infoBytes).bytes)
    }

    @Test func `the info hash is taken over the raw bytes, unsorted keys and unknown ones included`() throws {
        let info = "d4:name1:n6:lengthi5e12:piece lengthi16384e6:pieces20:\(digest)3:odd0:e"
        let torrent = try parse("d4:info\(info)e")
        #expect(torrent.remarks.contains(.unsortedKeys))
        #expect(torrent.infoHash.bytes == SHA1.digest(of: Array(info.utf8)).bytes)
        #expect(torrent.infoBytes == Array(info.utf8))
    }

    @Test func `several files keep their order, attributes and empty ones`() throws {
        let torrent = try parse(
            multi(
                file("b", length: 16_384, more: "6:md5sum32:0123456789abcdef0123456789abcdef")
                    + file("a", "x", length: 0)
                    + "d4:attr1:p6:lengthi100ee" + "d4:attr1:p6:lengthi100ee"
                    + "d4:attr1:l4:pathl1:le12:symlink pathl1:a1:xee"
                    + "d4:attr2:xh6:lengthi2e4:pathl1:?e10:path.utf-8l2:éee", pieces: 2))
        #expect(!torrent.isSingleFile)
        #expect(
            torrent.files.map(\.path.description) == [
                "n/b", "n/a/x", "n/.pad/100", "n/.pad/100", "n/l", "n/é",
            ])
        #expect(torrent.files.map(\.length) == [16_384, 0, 100, 100, 0, 2])
        #expect(torrent.files.map(\.isStored) == [true, true, false, false, false, true])
        #expect(torrent.files[0].md5sum?.count == 32)
        #expect(torrent.files[4].linkTarget?.description == "a/x")
        #expect(torrent.files[5].attributes == [.executable, .hidden])
        #expect(torrent.layout.totalLength == 16_586)
    }

    @Test func `a torrent of empty files alone has no pieces`() throws {
        let torrent = try parse(multi(file("a", length: 0) + file("b", length: 0), pieces: 0))
        #expect(torrent.pieceCount == 0)
        #expect(torrent.totalLength == 0)
        #expect(Bitfield(count: torrent.pieceCount).isFull)
        #expect(throws: MetainfoError.wrongPieceCount(found: 1, expected: 0)) {
            try parse(multi(file("a", length: 0), pieces: 1))
        }
    }

    @Test func `names and paths that no file can have are repaired, with what they were`() throws {
        let torrent = try parse(
            "d4:infod5:filesld6:lengthi1e4:pathl2:..1:aeed6:lengthi1e4:pathl3:b/ceee4:name2:..12:piece lengthi16384e"
                + "6:pieces20:\(digest)ee")
        let hash = torrent.infoHash.hex
        #expect(torrent.name.description == hash)
        let paths = torrent.files.map(\.path)
        #expect(paths.map(\.description) == ["\(hash)/_/a", "\(hash)/b_c"])
        #expect(
            torrent.remarks == [
                .repairedName(Array("..".utf8), torrent.name),
                .repairedPath(file: 0, [Array("..".utf8), Array("a".utf8)], paths[0]),
                .repairedPath(file: 1, [Array("b/c".utf8)], paths[1]),
            ])
        #expect(torrent.remarks[1].description == "file 1 is \"\(hash)/_/a\" for [\"..\", \"a\"]")
    }

    @Test func `dots within names, hidden files and odd bytes are fine`() throws {
        let bytes =
            Array("d4:infod5:filesld6:lengthi1e4:pathl3:...5:.a..b2:".utf8) + [0xFF, 0x0A]
            + Array("eee4:name2:.x12:piece lengthi16384e6:pieces20:\(digest)ee".utf8)
        let torrent = try Metainfo(parsing: bytes)
        #expect(torrent.files[0].path.bytes == Array(".x/.../.a..b/".utf8) + [0xFF, 0x0A])
    }

    @Test func `a file whose place is taken gets another`() throws {
        func renamed(_ files: String) throws -> [String] { try parse(multi(files)).remarks.map(\.description) }
        #expect(try renamed(file("a") + file("b") + file("a")) == ["file 3 is \"n/a.1\": \"n/a\" is taken"])
        #expect(
            try renamed(file("a", "b", "c") + file("a", "b-") + file("a", "b"))
                == ["file 3 is \"n/a/b.1\": \"n/a/b\" is taken"])
        #expect(try renamed(file("a", "b") + file("a-") + file("a.b") + file("ab") + file("b")) == [])
    }

    @Test(
        arguments: [
            ("i1e", .rootNotDictionary(.integer)), ("de", .missing(.info)), ("", .notBencode(.unexpectedEnd(at: 0))),
            ("d4:infoi1ee", .wrongKind(.info, expected: .dictionary, found: .integer)),
            ("d4:infodee", .neitherLengthNorFiles), ("d4:infod4:name1:nee", .neitherLengthNorFiles),
            ("d4:infod9:file treede12:meta versioni2e4:name1:nee", .onlyVersion2),
            ("d4:infod5:filesle4:name1:nee", .noFiles),
            ("d4:infod6:lengthi-1e4:name1:nee", .negativeLength(file: 0, -1)),
            ("d4:infod6:length1:x4:name1:nee", .wrongKind(.length, expected: .integer, found: .string)),
            ("d4:infod6:lengthi1e4:name1:nee", .missing(.pieceLength)),
            ("d4:infod6:lengthi1e4:name1:n12:piece lengthi0eee", .pieceLengthOutOfRange(0, limit: 256 << 20)),
            (
                "d4:infod6:lengthi1e4:name1:n12:piece lengthi999999999999eee",
                .pieceLengthOutOfRange(999_999_999_999, limit: 256 << 20)
            ),
            ("d4:infod6:lengthi1e4:name1:n12:piece lengthi1eee", .missing(.pieces)),
            ("d4:infod6:lengthi1e4:name1:n12:piece lengthi1e6:pieces3:abcee", .piecesNotDigests(bytes: 3)),
            ("d4:infod6:lengthi1e4:name1:n12:piece lengthi1e6:pieces0:ee", .wrongPieceCount(found: 0, expected: 1)),
            ("d4:infod6:lengthi9223372036854775807e4:name1:n12:piece lengthi1e6:pieces0:ee", .totalLengthTooLarge),
            ("d4:infod5:filesli1ee4:name1:nee", .wrongKind(.files, expected: .dictionary, found: .integer)),
            ("d4:infod5:filesldee4:name1:nee", .badFileEntry(file: 0, .length)),
            ("d4:infod5:filesld6:lengthi1eee4:name1:nee", .badFileEntry(file: 0, .path)),
            ("d4:infod5:filesld6:lengthi1e4:pathi1eee4:name1:nee", .badFileEntry(file: 0, .path)),
            ("d4:infod5:filesld6:lengthi1e4:pathli1eeee4:name1:nee", .badFileEntry(file: 0, .path)),
            ("d4:infod5:filesld6:lengthi1e4:pathleee4:name1:nee", .badFileEntry(file: 0, .path)),
            ("d4:infod5:filesld6:lengthi-2e4:pathl1:aeee4:name1:nee", .negativeLength(file: 0, -2)),
        ] as [(String, MetainfoError)])
    func `each malformed field has its own error`(text: String, error: MetainfoError) {
        #expect(throws: error) { try parse(text) }
        #expect(!error.description.isEmpty)
    }

    @Test(
        arguments: [
            ("8:announcei1e", .ignored(.announce, found: .integer)),
            ("13:announce-list1:x", .ignored(.announceList, found: .string)),
            ("13:announce-listl1:xe", .ignoredEntries(.announceList, count: 1)),
            ("13:announce-listlli1ei2eee", .ignoredEntries(.announceList, count: 2)),
            ("7:commenti1e", .ignored(.comment, found: .integer)),
            ("13:creation date1:x", .ignored(.creationDate, found: .string)),
        ] as [(String, MetainfoRemark)])
    func `what is malformed around the info dictionary is as if absent, and said`(
        text: String, remark: MetainfoRemark
    ) throws {
        let torrent = try parse(single(around: text))
        #expect(torrent.remarks == [remark])
        #expect(torrent.announce == nil && torrent.trackerTiers.isEmpty && torrent.comment == nil)
        #expect(torrent.creationDate == nil)
    }

    @Test(
        arguments: [
            ("7:privatei2e", .oddPrivate(2)), ("7:private1:1", .ignored(.isPrivate, found: .string)),
            ("6:sourcele", .ignored(.source, found: .list)), ("4:attri1e", .ignored(.attr, found: .integer)),
            ("6:md5sumi1e", .ignored(.md5sum, found: .integer)), ("9:file treede", .hasVersion2),
            ("1:xi01e", .paddedNumbers), ("1:x02:ab", .paddedNumbers), ("1:xi-0e", .paddedNumbers),
        ] as [(String, MetainfoRemark)])
    func `and so is what is odd in it`(text: String, remark: MetainfoRemark) throws {
        let torrent = try parse(single(text))
        #expect(torrent.remarks.filter { $0 != .unsortedKeys } == [remark])
        #expect(torrent.isPrivate == (remark == .oddPrivate(2)))
    }

    @Test func `of a key that stands twice the first counts, and bytes behind are passed over`() throws {
        let torrent = try parse("d7:comment1:a7:comment1:b" + single().dropFirst() + "\n")
        #expect(torrent.comment == "a")
        #expect(torrent.remarks == [.bytesBehind(1), .repeatedKeys])
        let files = try parse(multi("d6:lengthi1e6:lengthi2e4:pathl1:ae4:pathl1:bee"))
        #expect(files.files.map(\.length) == [1])
        #expect(files.files.map(\.path.description) == ["n/a"])
    }

    @Test func `blanks around a tracker are no part of it`() throws {
        let torrent = try parse(single(around: "8:announce10: http://a\n13:announce-listll1: ee"))
        #expect(torrent.announce == "http://a")
        #expect(torrent.trackerTiers == [["http://a"]])
    }

    @Test func `a link has no bytes whatever it says, and one that leads nowhere has no target`() throws {
        let torrent = try parse(
            multi(
                file("a") + file("b", length: 50_000, more: "4:attr1:l12:symlink pathl1:ae")
                    + file("c", length: 0, more: "4:attr1:l12:symlink pathl2:..1:ae")))
        #expect(torrent.files.map(\.length) == [1, 0, 0])
        #expect(torrent.files.map(\.linkTarget?.description) == [nil, "a", nil])
        #expect(torrent.files.map(\.isStored) == [true, false, false])
        #expect(
            torrent.remarks.filter { $0 != .unsortedKeys } == [.linkWithLength(file: 1), .linkNowhere(file: 2)])
    }

    @Test(arguments: [false, true])
    func `another file of a torrent adds what it knows of others, unless that is private`(isPrivate: Bool) throws {
        let info = isPrivate ? "7:privatei1e" : ""
        var torrent = try parse(single(info, around: "13:announce-listll1:a1:bel1:cee"))
        let other = try parse(
            single(info, around: "13:announce-listll1:b1:del1:ael1:eee")
                .replacingTail(with: "9:httpseedsl1:he5:nodesll1:ni1eee8:url-listl1:wee"))
        let isNew = torrent.adopt(other)
        #expect(isNew == !isPrivate)
        let tiers = [["a", "b"], ["c"]]
        #expect(torrent.trackerTiers == (isPrivate ? tiers : tiers + [["d"], ["e"]]))
        #expect(torrent.webSeeds == (isPrivate ? [] : ["w"]))
        #expect(torrent.httpSeeds == (isPrivate ? [] : ["h"]))
        #expect(torrent.nodes.map(\.host) == (isPrivate ? [] : ["n"]))
        let isNewAgain = torrent.adopt(other)
        #expect(!isNewAgain)
    }

    @Test func `limits hold`() {
        var limits = MetainfoLimits()
        limits.files = 1
        #expect(throws: MetainfoError.tooManyFiles(2, limit: 1)) {
            try parse(multi(file("a") + file("b")), limits: limits)
        }
        limits = MetainfoLimits()
        limits.pieces = 0
        #expect(throws: MetainfoError.tooManyPieces(1, limit: 0)) { try parse(single(), limits: limits) }
        limits = MetainfoLimits()
        limits.addresses = 1
        let torrent = try? parse(single(around: "13:announce-listll1:ael1:bee"), limits: limits)
        #expect(torrent?.trackerTiers == [["a"]])
        #expect(torrent?.remarks == [.onlyFirst(.announceList, of: 2, limit: 1)])
        limits = MetainfoLimits()
        (limits.text, limits.url) = (2, 8)
        let long = try? parse(
            single(around: "8:announce9:http://ab13:announce-listll9:http://ab8:http://aee7:comment3:abc"),
            limits: limits)
        #expect(long?.comment == "ab")
        #expect(long?.announce == nil)
        #expect(long?.trackerTiers == [["http://a"]])
        #expect(
            long?.remarks == [
                .ignoredEntries(.announce, count: 1), .ignoredEntries(.announceList, count: 1),
                .onlyFirstBytes(.comment, of: 3, limit: 2),
            ])
        limits = MetainfoLimits()
        limits.remarks = 1
        let odd = try? parse(single(around: "8:announcei1e7:commenti1e"), limits: limits)
        #expect(odd?.remarks.count == 1)
        #expect(odd?.remarkCount == 2)
    }

    @Test func `what the builder writes is read back, canonical and the same`() throws {
        var builder = MetainfoBuilder(
            name: Array("n".utf8), pieceLength: 16_384,
            content: .files([
                MetainfoBuilder.File(components: [Array("b".utf8)], length: 3),
                MetainfoBuilder.File(components: [Array("a".utf8), [0xC3]], length: 0, attributes: [.executable]),
            ]), pieces: Array(digest.utf8))
        builder.trackerTiers = [["http://a"], ["http://b", "udp://c:1"]]
        builder.webSeeds = ["http://w/"]
        builder.nodes = [Metainfo.DHTNode(host: "h", port: 1)]
        builder.comment = "ü"
        builder.createdBy = "me"
        builder.creationDate = 7
        builder.isPrivate = true
        builder.source = "S"
        let torrent = try Metainfo(parsing: builder.encoded)
        #expect(!torrent.remarks.contains(.unsortedKeys))
        #expect(torrent.infoBytes == builder.info.encoded)
        #expect(torrent.trackerTiers == builder.trackerTiers)
        #expect(torrent.webSeeds == builder.webSeeds)
        #expect(torrent.nodes == builder.nodes)
        #expect(torrent.files.map(\.length) == [3, 0])
        #expect(torrent.files[1].path.bytes == Array("n/a/".utf8) + [0xC3])
        #expect(torrent.files[1].attributes == [.executable])
        #expect(torrent.isPrivate && torrent.source == "S" && torrent.comment == "ü" && torrent.creationDate == 7)
    }

    @Test func `one tracker alone is written without a list`() throws {
        var builder = MetainfoBuilder(
            name: Array("n".utf8), pieceLength: 16_384, content: .singleFile(length: 1), pieces: Array(digest.utf8))
        builder.trackerTiers = [["http://a"]]
        let text = String(decoding: builder.encoded, as: UTF8.self)
        #expect(text.hasPrefix("d8:announce8:http://a4:infod6:lengthi1e4:name1:n"))
        #expect(try Metainfo(parsing: builder.encoded).trackerTiers == [["http://a"]])
    }
}

extension String {
    /// With its last letter, the end of the outer dictionary, replaced.
    fileprivate func replacingTail(with tail: String) -> String { String(dropLast()) + tail }
}
