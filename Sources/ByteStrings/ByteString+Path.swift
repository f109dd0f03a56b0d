/// A path is split at its `/` bytes and nowhere else.
extension ByteString {
    private static let slash = UInt8(ascii: "/")

    public var isAbsolute: Bool { bytes.first == Self.slash }

    /// The names between the slashes; neither `.` nor `..` is looked at.
    public var components: [ByteString] { bytes.split(separator: Self.slash).map { ByteString($0) } }

    /// The name of what the path leads to; empty for `/` and for nothing.
    public var lastComponent: ByteString { components.last ?? "" }

    /// The folder that holds the last component: `.` where none is named.
    public var parent: ByteString {
        var rest = bytes[...]
        while rest.count > 1, rest.last == Self.slash { rest.removeLast() }
        guard let last = rest.lastIndex(of: Self.slash) else { return "." }
        rest = rest[..<last]
        while rest.last == Self.slash { rest.removeLast() }
        return rest.isEmpty ? "/" : ByteString(rest)
    }

    /// The path of `name` below this folder.
    public func appending(_ name: ByteString) -> ByteString {
        bytes.isEmpty || bytes.last == Self.slash ? self + name : "\(self)/\(name)"
    }
}
