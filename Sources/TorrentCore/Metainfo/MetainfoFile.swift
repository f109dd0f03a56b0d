/// One file of a torrent, as its metainfo lists it.
public struct MetainfoFile: Hashable, Sendable {
    /// Below the download folder, the torrent's own folder included; repaired, and different from all others. A padding
    /// file without a path gets `.pad/LENGTH`.
    public internal(set) var path: TorrentPath
    /// Bytes; zero for a symbolic link.
    public let length: Int64
    public let attributes: FileAttributes
    /// As the torrent says it, never checked; 32 hexadecimal digits where it is well-formed.
    public let md5sum: [UInt8]?
    /// What a symbolic link points to, below the torrent's folder (BEP 47); nil if it leads nowhere. Shown, never
    /// followed or created.
    public let linkTarget: TorrentPath?

    /// Zeros that fill up a piece: never on disk, read as zeros (BEP 47).
    public var isPadding: Bool { attributes.contains(.padding) }
    /// Whether the file is to be found, or made, in the download folder: padding and symbolic links are not.
    public var isStored: Bool { attributes.isDisjoint(with: [.padding, .symbolicLink]) }
}

/// The letters of `attr` (BEP 47); unknown ones are left out.
public struct FileAttributes: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `x`
    public static let executable = FileAttributes(rawValue: 1)
    /// `h`
    public static let hidden = FileAttributes(rawValue: 2)
    /// `l`
    public static let symbolicLink = FileAttributes(rawValue: 4)
    /// `p`
    public static let padding = FileAttributes(rawValue: 8)

    /// From the letters.
    public init(letters: some Sequence<UInt8>) {
        self = []
        for letter in letters {
            switch letter {
            case UInt8(ascii: "x"): insert(.executable)
            case UInt8(ascii: "h"): insert(.hidden)
            case UInt8(ascii: "l"): insert(.symbolicLink)
            case UInt8(ascii: "p"): insert(.padding)
            default: break
            }
        }
    }

    /// The letters, in the order of the alphabet.
    public var letters: String {
        (contains(.hidden) ? "h" : "") + (contains(.symbolicLink) ? "l" : "") + (contains(.padding) ? "p" : "")
            + (contains(.executable) ? "x" : "")
    }
}
