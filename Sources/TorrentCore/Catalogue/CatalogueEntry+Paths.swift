package import ByteStrings

extension CatalogueEntry {
    /// The path of its .torrent on the tracker by its number.
    package var numberTarget: String { "/torrents/\(number).torrent" }

    /// The same by its name; whether that leads to it is the tracker's to say.
    package var nameTarget: String {
        var output = [UInt8(ascii: "/")]
        PercentCoding.append(name.bytes, to: &output)
        return String(decoding: output, as: UTF8.self)
    }
}

extension ByteString {
    /// Somebody can read it aloud and type it: text without control characters.
    package var isTypable: Bool {
        guard let text, !isEmpty else { return false }
        return text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
            default: true
            }
        }
    }
}
