import ByteStrings
import TestSupport
import TorrentCore

extension Fuzzer {
    /// The readable notation, in both directions: what is read as bencode is written and read again, and what is read
    /// as JSON makes bencode that would be written so.
    static let bencodeNotation = Fuzzer(
        "bencodeNotation", "canonical bencode comes back byte for byte; what is read of JSON is canonical",
        inputLimit: 2_048
    ) {
        [
            "i0e", "4:spam", "d4:infod6:lengthi3e4:name5:<hex>ee", "d1:ali-1elee1:\u{1}i2ee", "2:\u{85}",
            #"{"info":{"length":3,"name":"<hex>9F 3A</hex>"}}"#, #"{"metainfo":{"info":{"a":[1,"\u0001"]}}}"#,
            #"{"b":1,"a":2}"#, #"{"a":"<hex>6"}"#, #"{"a":1.5}"#,
        ].map { Array($0.utf8) }
    } run: { bytes in
        if let document = try? BencodeDocument(bytes), document.isCanonical {
            let json = BencodeNotation.json(document.root)
            hold((try? BencodeNotation.bencode(json)) == bytes, "other bytes came back")
        }
        if let torrent = try? BencodeNotation.torrent(bytes) {
            let document = try? BencodeDocument(torrent, limits: .metainfo)
            hold(document?.isCanonical == true, "what was read of JSON is not canonical")
            let again = document.map { BencodeNotation.json($0.root) }.flatMap { try? BencodeNotation.bencode($0) }
            hold(again == torrent, "it reads otherwise when written again")
        }
    }
}
