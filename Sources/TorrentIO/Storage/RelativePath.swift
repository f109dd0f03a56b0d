/// A path below a content folder, of components that cannot climb out by their names. Components are bytes, as POSIX
/// has them.
package struct RelativePath: Hashable, Sendable, CustomStringConvertible {
    package let components: [[UInt8]]

    /// Longest component, bytes, as all common file systems have it.
    package static let componentBytes = 255

    /// Nil unless there is a component, and none is empty, ".", "..", too long, or has a slash or a zero byte in it.
    package init?(_ components: [[UInt8]]) {
        guard !components.isEmpty, components.allSatisfy(Self.isUsable) else { return nil }
        self.components = components
    }

    package init?(_ components: [String]) {
        self.init(components.map { Array($0.utf8) })
    }

    /// The folders above it, outermost first.
    var folders: ArraySlice<[UInt8]> { components.dropLast() }
    var name: [UInt8] { components[components.count - 1] }

    /// Not fit for a terminal as it is: names come from strangers.
    package var description: String {
        components.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
    }

    private static func isUsable(_ component: [UInt8]) -> Bool {
        let dot = UInt8(ascii: ".")
        return !component.isEmpty && component.count <= componentBytes && component != [dot] && component != [dot, dot]
            && !component.contains(0) && !component.contains(UInt8(ascii: "/"))
    }
}
