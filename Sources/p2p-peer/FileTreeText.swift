internal import CommandLineKit
internal import TorrentCore

/// The files of a torrent as a tree, in the order of the torrent.
struct FileTreeText {
    /// A folder or a file, by its position in `nodes`.
    private struct Node {
        let name: TerminalText
        var length: Int64
        let remark: TerminalText
        var children: [Int] = []
        var isFolder: Bool
    }

    private var nodes: [Node] = []
    private var roots: [Int] = []
    // Where each folder is; only looked up.
    private var folders: [[UInt8]: Int] = [:]

    /// Padding is left out: it is never on disk.
    init(_ files: [MetainfoFile]) {
        for file in files where !file.isPadding { add(file) }
    }

    private mutating func add(_ file: MetainfoFile) {
        var parent: Int?
        var path: [UInt8] = []
        let components = file.path.components
        for (depth, component) in components.enumerated() {
            if depth > 0 { path.append(UInt8(ascii: "/")) }
            path += component
            let isLast = depth == components.count - 1
            if !isLast, let known = folders[path] {
                parent = known
                nodes[known].length += file.length
                continue
            }
            let remark: TerminalText = isLast ? Self.remark(file) : ""
            nodes.append(
                Node(
                    name: TerminalText(bytes: Array(component)), length: file.length, remark: remark, isFolder: !isLast)
            )
            let number = nodes.count - 1
            if let parent { nodes[parent].children.append(number) } else { roots.append(number) }
            if !isLast { folders[path] = number }
            parent = number
        }
    }

    private static func remark(_ file: MetainfoFile) -> TerminalText {
        if let target = file.linkTarget { return "-> \(target)" }
        return file.attributes.contains(.executable) ? "executable" : ""
    }

    /// A line a folder or file, sizes aligned.
    func lines(glyphs: Glyphs, indent: Int = 2) -> [TerminalText] {
        var table = Table([.left, .right], indent: indent)
        for root in roots { add(root, prefix: "", below: "", glyphs, to: &table) }
        return table.lines
    }

    private func add(
        _ number: Int, prefix: TerminalText, below: TerminalText, _ glyphs: Glyphs, to table: inout Table
    ) {
        let node = nodes[number]
        let slash: TerminalText = node.isFolder ? "/" : ""
        let size = TerminalText(HumanUnits.size(node.length), style: node.isFolder ? .dim : .plain)
        var cells = [prefix + node.name + slash, size]
        if !node.remark.isEmpty { cells.append(node.remark) }
        table.add(cells: cells)
        for (position, child) in node.children.enumerated() {
            let isLast = position == node.children.count - 1
            add(
                child, prefix: below + (isLast ? glyphs.lastBranch : glyphs.branch),
                below: below + (isLast ? glyphs.noTrunk : glyphs.trunk), glyphs, to: &table)
        }
    }
}
