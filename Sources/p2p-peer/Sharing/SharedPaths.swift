internal import ByteStrings
internal import CommandLineKit
internal import PeerRuntime
internal import TorrentCore
internal import TorrentIO

/// What is to be shared, looked at but not hashed yet.
struct SharedPaths {
    private let paths: [(path: ByteString, maker: TorrentMaker)]
    private let records: ResumeStore

    /// Throws for what cannot be shared, or not together.
    init(_ paths: [ByteString], _ records: ResumeStore, _ output: Output) throws(CommandError) {
        self.records = records
        var options = MakeOptions()
        // Output that goes to a file within PATH is none of it.
        options.ownFiles = FileStatus.pathsOfStandardStreams
        var looked: [(path: ByteString, maker: TorrentMaker)] = []
        for path in paths {
            try Self.expectNoRecords(in: path, records)
            let maker = try MakeCommand.making { () throws(MakeError) in try TorrentMaker(path: path, options: options)
            }
            if let other = looked.first(where: { $0.maker.name == maker.name }) {
                throw CommandError(
                    .usage, "\(other.path) and \(path) have the same name, \(ByteString(maker.name)): share one of them"
                )
            }
            MakeCommand.say(skipped: maker.skipped, output)
            MakeCommand.say(ownFiles: maker.leftOut, output)
            looked.append((path, maker))
        }
        self.paths = looked
    }

    /// A torrent with its own record in it would never be the same twice.
    private static func expectNoRecords(in path: ByteString, _ records: ResumeStore) throws(CommandError) {
        guard let folder = records.folder, let state = try? PathKind.real(folder), let real = try? PathKind.real(path),
            state == real || state.bytes.starts(with: real.appending("").bytes)
        else { return }
        throw CommandError(
            .failure, "\(path): holds \(folder), where torrents are kept: share what is in it, or set P2P_STATE_DIR")
    }

    /// Makes those that are not kept, or whose content has changed. `publish` lists one, and says by which path people
    /// fetch it.
    func torrents(
        _ output: Output, publish: ([UInt8]) throws(CommandError) -> String
    ) throws(CommandError) -> [SharedTorrent] {
        var torrents: [SharedTorrent] = []
        for (shared, maker) in paths {
            let known = records.torrent(madeOf: maker)
            let found: ByteString?
            do throws(SystemError) {
                found = try maker.contentFolder()
            } catch {
                throw CommandError(.inputOutput, "\(shared): \(error.text)")
            }
            guard let folder = found else { throw CommandError(.inputOutput, "\(shared): has been renamed") }
            let kept = if let known { known } else { try make(maker, output) }
            let target = try publish(kept.bytes)
            torrents.append(SharedTorrent(kept: kept, folder: folder, target: target, isNew: known == nil))
        }
        return torrents
    }

    private func make(_ maker: TorrentMaker, _ output: Output) throws(CommandError) -> KeptTorrent {
        let builder = try MakeCommand.hash(maker, output)
        let torrent: KeptTorrent
        do {
            torrent = try KeptTorrent(builder.encoded)
        } catch {
            throw CommandError(.badTorrent, "the new torrent: \(error.description)")
        }
        do throws(SystemError) {
            try records.keep(torrent, madeOf: maker)
        } catch {
            output.message("\(ByteString(maker.name)) is hashed again at the next start: \(error.text)")
        }
        return torrent
    }
}

/// A torrent that is shared, and where its content is.
struct SharedTorrent {
    let kept: KeptTorrent
    /// The folder that holds what it names.
    let folder: ByteString
    /// Where the catalogue here has it: "/holiday".
    let target: String
    /// It was made just now.
    let isNew: Bool
}
