internal import ByteStrings

/// A page of a catalogue's list.
package struct CatalogueListing: Hashable, Sendable {
    /// In the order that was asked for.
    package var torrents: [CatalogueEntry]
    /// How many match, on all pages together.
    package var total: Int
    /// How many of them come before this page.
    package var offset: Int
    /// How many a page has.
    package var limit: Int
    /// Grows whenever a torrent comes or goes.
    package var changes: Int

    package init(torrents: [CatalogueEntry], total: Int, offset: Int, limit: Int, changes: Int) {
        self.torrents = torrents
        self.total = total
        self.offset = offset
        self.limit = limit
        self.changes = changes
    }

    /// Appends it as JSON.
    package func appendJSON(to output: inout [UInt8]) {
        output.append(ascii: "{\"torrents\":[")
        for (position, entry) in torrents.enumerated() {
            if position > 0 { output.append(UInt8(ascii: ",")) }
            entry.appendJSON(to: &output)
        }
        output += "],\"total\":\(total),\"offset\":\(offset),\"limit\":\(limit),\"changes\":\(changes)}".utf8
    }
}

extension CatalogueEntry {
    /// Appends it as JSON, with what else is known of it if that is given.
    package func appendJSON(to output: inout [UInt8], detail: CatalogueDetail? = nil) {
        output += "{\"number\":\(number),\"infohash\":\"\(infoHash)\",\"name\":".utf8
        JSONString.append(name, "name", to: &output)
        output += ",\"length\":\(length),\"files\":\(files),\"private\":\(isPrivate)".utf8
        output += ",\"seeders\":\(seeders),\"leechers\":\(leechers),\"downloads\":\(downloads)".utf8
        output += ",\"added\":\(added),\"seeds\":".utf8
        Self.append(seeds, to: &output)
        output.append(ascii: ",\"others\":")
        Self.append(others, to: &output)
        output += ",\"torrent\":\"\(torrentTarget)\",\"magnet\":".utf8
        JSONString.append(magnet, .ascii, to: &output)
        detail?.appendMembers(to: &output)
        output.append(UInt8(ascii: "}"))
    }

    private static func append(_ names: [String], to output: inout [UInt8]) {
        output.append(UInt8(ascii: "["))
        for (position, name) in names.prefix(nameLimit).enumerated() {
            if position > 0 { output.append(UInt8(ascii: ",")) }
            JSONString.append(name, .ascii, to: &output)
        }
        output.append(UInt8(ascii: "]"))
    }
}

extension CatalogueDetail {
    /// Members of an object that has some already.
    fileprivate func appendMembers(to output: inout [UInt8]) {
        output.append(ascii: ",\"file_list\":[")
        for (position, file) in files.prefix(Self.fileLimit).enumerated() {
            output += position > 0 ? ",{\"path\":".utf8 : "{\"path\":".utf8
            JSONString.append(file.path, "path", to: &output)
            output += ",\"length\":\(file.length)}".utf8
        }
        output += "],\"piece_length\":\(pieceLength),\"pieces\":\(pieces)".utf8
        for (key, text) in [("comment", comment), ("created_by", createdBy)] {
            output += ",\"\(key)\":".utf8
            if let text { JSONString.append(text, .ascii, to: &output) } else { output.append(ascii: "null") }
        }
    }
}

extension JSONString {
    /// Bytes as text, and beside it, where they are no UTF-8, a member `KEY_bytes` with all of them in hexadecimal.
    fileprivate static func append(_ bytes: ByteString, _ key: StaticString, to output: inout [UInt8]) {
        append(bytes.description, .ascii, to: &output)
        guard bytes.text == nil else { return }
        output.append(ascii: ",\"")
        output.append(ascii: key)
        output += "_bytes\":\"\(bytes.hex)\"".utf8
    }
}
