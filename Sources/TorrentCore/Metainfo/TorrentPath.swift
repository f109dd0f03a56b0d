internal import ByteStrings

/// Where a file of a torrent lies below the download folder: components that can climb nowhere, joined with `/`.
///
/// A component is what the torrent says, byte for byte, and becomes the name on disk as it is: names that are no UTF-8
/// stay what they are, against BEP 3, and become text only to be shown. What no file can be called is repaired first.
public struct TorrentPath: Hashable, Sendable {
    /// The components with `/` between them, none before or after.
    public let bytes: [UInt8]

    /// Longest component, bytes: what file systems accept.
    public static let componentLimit = 255
    /// A path's longest form, bytes: what the system takes, with room for the download folder before it. A number that
    /// tells it from another may take it a few bytes above.
    public static let byteLimit = 3_072

    /// What makes a path unfit to be created below the download folder.
    public enum Fault: Hashable, Sendable {
        /// There is no component at all.
        case noComponents
        case emptyComponent
        /// A component is `.` or `..`.
        case climbs
        /// A component begins with `/`.
        case absolute
        /// A component holds `/` within.
        case holdsSlash
        case holdsNUL
        case componentTooLong(bytes: Int)
        case pathTooLong(bytes: Int)
    }

    /// The error of a path that is not safe, with the component it was found in.
    public struct Unsafe: Error, Hashable, Sendable {
        public let fault: Fault
        /// The bytes as the torrent has them; empty where the fault is of the whole path.
        public let component: [UInt8]
    }

    /// Checks each component (promise: nothing is ever written outside the download folder).
    public init(components: some Sequence<some Collection<UInt8>>) throws(Unsafe) {
        var joined: [UInt8] = []
        var isFirst = true
        for component in components {
            if let fault = Self.fault(of: component) { throw Unsafe(fault: fault, component: Array(component)) }
            if !isFirst { joined.append(UInt8(ascii: "/")) }
            isFirst = false
            joined.append(contentsOf: component)
        }
        if isFirst { throw Unsafe(fault: .noComponents, component: []) }
        guard joined.count <= Self.byteLimit else {
            throw Unsafe(fault: .pathTooLong(bytes: joined.count), component: Array(joined.prefix(Self.componentLimit)))
        }
        bytes = joined
    }

    /// Of bytes that are known to be safe.
    init(checked bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// This path with the strings of a list after it; nil if it is no list, or a name is not safe as it is.
    func appending(_ node: BencodeNode) -> TorrentPath? {
        guard let list = node.list else { return nil }
        // The list's own length is room enough for the components with their slashes, each shorter than as a string.
        var joined: [UInt8] = []
        joined.reserveCapacity(bytes.count + node.rawRange.count)
        joined += bytes
        for entry in list {
            guard let component = entry.stringBytes, Self.fault(of: component) == nil else { return nil }
            joined.append(UInt8(ascii: "/"))
            joined.append(contentsOf: component)
        }
        guard joined.count > bytes.count, joined.count <= Self.byteLimit else { return nil }
        return TorrentPath(checked: joined)
    }

    /// What is wrong with one component; nil if it is safe.
    public static func fault(of component: some Collection<UInt8>) -> Fault? {
        guard let first = component.first else { return .emptyComponent }
        if first == UInt8(ascii: ".") {
            if component.count == 1 || component.count == 2 && component.allSatisfy({ $0 == UInt8(ascii: ".") }) {
                return .climbs
            }
        }
        if first == UInt8(ascii: "/") { return .absolute }
        for byte in component {
            if byte == UInt8(ascii: "/") { return .holdsSlash }
            if byte == 0 { return .holdsNUL }
        }
        return component.count > componentLimit ? .componentTooLong(bytes: component.count) : nil
    }

    /// The names of the folders and, last, of the file.
    public var components: [ArraySlice<UInt8>] {
        var components: [ArraySlice<UInt8>] = []
        var begin = 0
        for position in bytes.indices where bytes[position] == UInt8(ascii: "/") {
            components.append(bytes[begin..<position])
            begin = position + 1
        }
        components.append(bytes[begin...])
        return components
    }
}

extension TorrentPath: CustomStringConvertible {
    /// To be shown, through the gate for untrusted text: what is no UTF-8 as `\xe9`.
    public var description: String { ByteString(bytes).description }
}

extension TorrentPath.Unsafe: CustomStringConvertible {
    public var description: String {
        let name = ByteString(component.prefix(80))
        return switch fault {
        case .noComponents: "a path without a name"
        case .emptyComponent: "an empty name in a path"
        case .climbs: "a path that climbs with \"\(name)\""
        case .absolute: "an absolute path \"\(name)\""
        case .holdsSlash: "a name with a slash, \"\(name)\""
        case .holdsNUL: "a name with a zero byte, \"\(name)\""
        case .componentTooLong(let bytes): "a name of \(bytes) bytes, \"\(name)…\""
        case .pathTooLong(let bytes): "a path of \(bytes) bytes, \"\(name)…\""
        }
    }
}
