internal import CommandLineKit
internal import TorrentCore

/// The files of a torrent as a tree, in the order of the torrent. What lies very deep stands on one line with the
/// folders above it, and so do all files where there are very many folders: what it takes to draw grows with the
/// torrent, and not with its square.
struct FileTreeText {
    /// Most levels of folders that are drawn.
    private static let depthLimit = 24
    /// Most folders and files that are drawn.
    private static let nodeLimit = 600_000
    /// Widest column of names before the aligned sizes; sizes after longer names are further right.
    private static let widest = 60

    /// A folder or a file.
    private struct Node {
        /// This file, or the first file in this folder, and where in its path the name begins and ends; for a file the
        /// name may be several components.
        let file: Int32
        let name: Range<Int32>
        let depth: Int32
        let isFolder: Bool
        var length: Int64
        var firstChild: Int32 = -1
        var lastChild: Int32 = -1
        var nextSibling: Int32 = -1
    }

    private struct FolderKey: Hashable {
        let parent: Int
        let name: ArraySlice<UInt8>
    }

    private let files: [MetainfoFile]
    /// The first stands for the download folder.
    private var nodes: [Node] = []
    // Where each folder is; only looked up.
    private var folders: [FolderKey: Int] = [:]

    /// Padding is left out: it is never on disk.
    init(_ files: [MetainfoFile]) {
        self.files = files
        if !build(depthLimit: Self.depthLimit) { _ = build(depthLimit: 0) }
        folders = [:]
    }

    /// False once there are too many nodes.
    private mutating func build(depthLimit: Int) -> Bool {
        nodes = [Self.node(0, 0..<0, -1, isFolder: true)]
        folders = [:]
        for (position, file) in files.enumerated() where !file.isPadding {
            add(file, position, depthLimit)
            guard depthLimit == 0 || nodes.count <= Self.nodeLimit else { return false }
        }
        return true
    }

    private mutating func add(_ file: MetainfoFile, _ position: Int, _ depthLimit: Int) {
        let path = file.path.bytes
        var (parent, depth, start) = (0, 0, 0)
        while depth < depthLimit, let slash = path[start...].firstIndex(of: UInt8(ascii: "/")) {
            let key = FolderKey(parent: parent, name: path[start..<slash])
            if let known = folders[key] {
                parent = known
            } else {
                parent = append(Self.node(position, start..<slash, depth, isFolder: true), below: parent)
                folders[key] = parent
            }
            nodes[parent].length += file.length
            (depth, start) = (depth + 1, slash + 1)
        }
        let leaf = append(Self.node(position, start..<path.count, depth, isFolder: false), below: parent)
        nodes[leaf].length = file.length
    }

    private static func node(_ file: Int, _ name: Range<Int>, _ depth: Int, isFolder: Bool) -> Node {
        Node(
            file: Int32(truncatingIfNeeded: file),
            name: Int32(truncatingIfNeeded: name.lowerBound)..<Int32(truncatingIfNeeded: name.upperBound),
            depth: Int32(truncatingIfNeeded: depth), isFolder: isFolder, length: 0)
    }

    private mutating func append(_ node: Node, below parent: Int) -> Int {
        let number = nodes.count
        nodes.append(node)
        let link = Int32(truncatingIfNeeded: number)
        let last = Int(nodes[parent].lastChild)
        if last < 0 { nodes[parent].firstChild = link } else { nodes[last].nextSibling = link }
        nodes[parent].lastChild = link
        return number
    }

    /// Calls `print` with a line a folder or file, sizes aligned.
    func forEachLine(glyphs: Glyphs, indent: Int = 2, print: (TerminalText) -> Void) {
        var (nameWidth, sizeWidth) = (0, 0)
        forEachNode { node, isLast in
            let width = 3 * Int(node.depth) + name(node).columns
            if width <= Self.widest { nameWidth = max(nameWidth, width) }
            sizeWidth = max(sizeWidth, HumanUnits.size(node.length).utf8.count)
        }
        // For each folder above, whether more follows it.
        var trunks: [TerminalText] = []
        forEachNode { node, isLast in
            trunks.removeLast(trunks.count - max(0, Int(node.depth) - 1))
            var line = TerminalText(repeating: " ", count: indent)
            for trunk in trunks { line += trunk }
            if node.depth > 0 {
                line += isLast ? glyphs.lastBranch : glyphs.branch
                trunks.append(isLast ? glyphs.noTrunk : glyphs.trunk)
            }
            let name = name(node)
            line += name.padded(to: nameWidth - 3 * Int(node.depth))
            let size = TerminalText(HumanUnits.size(node.length), style: node.isFolder ? .dim : .plain)
            line += "  " + size.paddedLeft(to: sizeWidth)
            let remark = node.isFolder ? "" : Self.remark(files[Int(node.file)])
            if !remark.isEmpty { line += "  " + remark }
            print(line)
        }
    }

    /// In the order of the lines, each with whether it is the last of its folder.
    private func forEachNode(_ body: (Node, Bool) -> Void) {
        var path = [Int(nodes[0].firstChild)]
        while let number = path.last {
            guard number > 0 else {
                path.removeLast()
                continue
            }
            let node = nodes[number]
            body(node, node.nextSibling < 0)
            path[path.count - 1] = Int(node.nextSibling)
            if node.firstChild >= 0 { path.append(Int(node.firstChild)) }
        }
    }

    private func name(_ node: Node) -> TerminalText {
        let path = files[Int(node.file)].path.bytes
        let name = TerminalText(bytes: Array(path[Int(node.name.lowerBound)..<Int(node.name.upperBound)]))
        return node.isFolder ? name + "/" : name
    }

    private static func remark(_ file: MetainfoFile) -> TerminalText {
        if let target = file.linkTarget { return "-> \(target)" }
        return file.attributes.contains(.executable) ? "executable" : ""
    }
}
