internal import ByteStrings
internal import CommandLineKit
internal import PeerEvents
internal import PeerRuntime
internal import TorrentCore
internal import TorrentIO

/// Puts content where the `path` of its torrent says, where that counts: never outside the folder that is worked in.
struct StatedPlace {
    static let usePath = Option("use-path", help: "put each where its torrent's path says, below DIR")

    /// The path leads on from here.
    let folder: ByteString
    /// What to do instead, for messages; nil if paths do not count.
    private let instead: String?

    /// Who serves or verifies goes by it unless DIR was named, who downloads only if told so.
    init(_ role: PeerRole, _ arguments: ParsedArguments, in folder: ByteString) {
        self.folder = folder
        instead =
            switch role {
            case .leech: arguments.has(Self.usePath) ? "leave out --use-path" : nil
            case .seed, .look: arguments.isGiven(TransferOptions.folder) ? nil : "say where it is with --dir"
            }
    }

    /// The same torrent, moved if it names a place; throws if that is none that it may have.
    func placed(_ metainfo: Metainfo) throws(CommandError) -> Metainfo {
        guard let instead, let stated = metainfo.statedPath else { return metainfo }
        func refused(_ why: TerminalText) -> CommandError {
            let path = ByteString(stated.bytes.prefix(TorrentPath.componentLimit))
            return CommandError(.badTorrent, "\(metainfo.name): its path \(path) \(why); \(instead)")
        }
        let path: TorrentPath?
        do throws(TorrentPath.Unsafe) {
            path = try stated.below()
        } catch {
            switch error.fault {
            case .absolute: throw refused("is absolute")
            case .climbs: throw refused("climbs")
            default: throw refused("cannot be used: \(error.description)")
            }
        }
        guard let path else { return metainfo }
        try expectWithin(path, refused)
        // A folder, where one file is meant, holds it.
        let isHolder = metainfo.isSingleFile && FileStatus.isFolder(folder.appending(ByteString(path.bytes)))
        let held = path.components + [metainfo.name.bytes[...]]
        let root = stated.namesFolder || isHolder ? try? TorrentPath(components: held) : path
        guard let root, let moved = metainfo.moved(to: root) else { throw refused("is too long") }
        if root != path { try expectWithin(root, refused) }
        return moved
    }

    /// The same of a source, if it is known what it leads to.
    func placed(_ source: TorrentSource) throws(CommandError) -> TorrentSource {
        guard let metainfo = source.metainfo else { return source }
        return source.placed(try placed(metainfo))
    }

    /// As far as it is there, links and all, it lies in the folder. What becomes of it afterwards is the storage's to
    /// watch, which writes through no link.
    private func expectWithin(
        _ path: TorrentPath, _ refused: (TerminalText) -> CommandError
    ) throws(CommandError) {
        guard let root = try? PathKind.real(folder) else { return }
        var place = folder
        for name in path.components {
            place = place.appending(ByteString(name))
            guard FileStatus.exists(place) else { return }
            guard let real = try? PathKind.real(place) else { throw refused("goes by a link that leads nowhere") }
            let isWithin = root == "/" || real.bytes.starts(with: root.bytes + [UInt8(ascii: "/")])
            guard isWithin else { throw refused(folder == "." ? "leads out of this folder" : "leads out of \(folder)") }
        }
    }
}
