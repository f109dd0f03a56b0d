import Foundation
import TestSupport
import Testing

/// What somebody does to a file of a download, or to a folder above it.
enum Mutation: String, CaseIterable, Sendable {
    case removed, truncated, grown, replaced, overwritten
    /// Overwritten where nothing has been fetched to yet, if there is such a place.
    case overwrittenAhead
    case movedAway, recreatedEmpty, linkedHard
    case linkedToCopy, linkedToForeign
    /// The torrent's own folder.
    case folderMoved
    /// The folder of `--dir`.
    case wholeFolderMoved
    /// The torrent's own folder is moved, and a link to it put in its place.
    case folderLinked
    case replacedByPipe
    case touched, editedTimeKept

    static let marker = Array("these bytes are somebody's own. ".utf8)
    /// Within the second piece, which is among the first that come.
    private static let markedAt = 40_000
    /// In the last piece.
    private static let markedAhead = 240_000
    private static let truncatedTo = 40_000

    /// Does it to the file at `place`; what has to be there afterwards, whoever was at work.
    func apply(to place: SweepPlace) throws -> [Keepsake] {
        let path = place.target
        switch self {
        case .removed:
            try SweepFile.remove(path)
        case .truncated:
            try SweepFile.check(truncate(path, off_t(Self.truncatedTo)), "truncate")
        case .grown:
            let size = FileTree.size(path) ?? 0
            try SweepFile.put(Self.marker, at: size, in: path)
            return [try Keepsake(path, from: size)]
        case .replaced:
            let foreign = SweepFile.foreign(FileTree.size(path) ?? 0)
            try SweepFile.remove(path)
            try FileTree.write(foreign, to: path)
            return [try Keepsake(path)]
        case .overwritten:
            return [try Self.mark(path, at: Self.markedAt)]
        case .overwrittenAhead:
            return [try Self.mark(path, at: place.shape == .single ? Self.markedAhead : Self.markedAt)]
        case .editedTimeKept:
            let time = try SweepFile.modified(path)
            let keepsake = try Self.mark(path, at: Self.markedAt)
            try SweepFile.setModified(path, time)
            return [keepsake]
        case .movedAway:
            try SweepFile.move(path, to: "\(place.dir)/kept")
            return [try Keepsake("\(place.dir)/kept")]
        case .recreatedEmpty:
            try SweepFile.remove(path)
            try FileTree.write([], to: path)
        case .linkedHard:
            try SweepFile.check(link(path, place.outside("linked")), "link")
            return [try Keepsake(place.outside("linked"))]
        case .linkedToCopy:
            try FileTree.copy(path, to: place.outside("copy"))
            return try Self.replaceByLink(path, to: place.outside("copy"))
        case .linkedToForeign:
            try FileTree.write(SweepFile.foreign(70_000), to: place.outside("foreign"))
            return try Self.replaceByLink(path, to: place.outside("foreign"))
        case .folderMoved:
            return try Self.moveFolder("\(place.dir)/\(place.shape.payload.name)", to: place.outside("moved"))
        case .wholeFolderMoved:
            return try Self.moveFolder(place.dir, to: place.outside("moved"))
        case .folderLinked:
            let folder = "\(place.dir)/\(place.shape.payload.name)"
            let moved = try Self.moveFolder(folder, to: place.outside("moved"))
            try SweepFile.check(symlink(place.outside("moved"), folder), "symlink")
            return moved + [try Keepsake(link: folder)]
        case .replacedByPipe:
            try SweepFile.remove(path)
            try SweepFile.check(mkfifo(path, 0o600), "mkfifo")
            return [try Keepsake(special: path)]
        case .touched:
            try SweepFile.setModified(path, SweepFile.now)
        }
        return []
    }

    private static func mark(_ path: String, at offset: Int) throws -> Keepsake {
        try SweepFile.put(marker, at: offset, in: path)
        return try Keepsake(path, from: offset, count: marker.count)
    }

    private static func replaceByLink(_ path: String, to target: String) throws -> [Keepsake] {
        try SweepFile.remove(path)
        try SweepFile.check(symlink(target, path), "symlink")
        return [try Keepsake(target), try Keepsake(link: path)]
    }

    private static func moveFolder(_ folder: String, to place: String) throws -> [Keepsake] {
        try SweepFile.move(folder, to: place)
        // Until the next look at the path a download may go on filling the gaps of what it holds open.
        return try FileTree.files(below: place).map { try Keepsake("\(place)/\($0)", mayBeFilled: true) }
    }
}

/// Where a mutation happens.
struct SweepPlace: Sendable {
    let shape: SweepShape
    /// The download folder.
    let dir: String
    /// A folder beside it.
    let outsideFolder: String

    var target: String { "\(dir)/\(shape.target)" }
    func outside(_ name: String) -> String { "\(outsideFolder)/\(name)" }
}
