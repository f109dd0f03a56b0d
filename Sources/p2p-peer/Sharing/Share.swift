internal import ByteStrings
internal import CommandLineKit
internal import PeerEvents
internal import PeerRuntime
internal import TorrentCore
internal import TorrentIO
internal import TransferReporting

/// What `share` does: makes torrents, is their tracker, and seeds them until it is enough.
enum Share {
    static func run(_ arguments: ParsedArguments, _ output: Output) throws(CommandError) -> ExitCode {
        try KernelChoice.apply()
        try PollerChoice.check()
        let ends = try ShareEnds(arguments)
        var options = try TransferOptions.node(arguments)
        options.detail = PeerDetail(verbosity: output.verbosity)
        try PeerName.setOfSharer(&options, arguments)
        // What cannot work is found out before anything is hashed.
        let records = ResumeStore.ofUser()
        let paths = try SharedPaths(arguments.positionals, records, output)
        let companion = try CompanionTracker(sharing: arguments, output)
        defer { companion.stop() }
        companion.takeIn(&options, output)
        var report = TransferReport(exitWhenDone: false)
        report.audience = Audience(wanted: ends.others)
        let view = TransferView(output: output, report: report)
        do throws(PeerFailure) {
            let watch = try ShareWatch(view, ends)
            defer { watch.stop() }
            let node = try PeerNode(options, records: records) { event in
                watch.note(event)
                view.show(event)
            }
            let torrents: [SharedTorrent]
            do throws(CommandError) {
                torrents = try paths.torrents(output) { (torrent) throws(CommandError) in
                    companion.path(of: try companion.publish(torrent))
                }
            } catch {
                output.error(error, program: "p2p-peer")
                return error.exitCode
            }
            try offer(torrents, by: companion, node, view, output, isDrawn: arguments.has(ShareCommand.code))
            companion.tell(node)
            let ours = node.peerID
            companion.onAnnounce { announce, address in
                if announce.peerID != ours { watch.note(announce, from: address) }
            }
            return serve(torrents, node, view, watch, ends)
        } catch {
            throw CommandError(error.kind.exitCode, "\(error.message)")
        }
    }

    /// Adds the torrents to the node and says how others get them.
    private static func offer(
        _ torrents: [SharedTorrent], by companion: CompanionTracker, _ node: PeerNode, _ view: TransferView,
        _ output: Output, isDrawn: Bool
    ) throws(PeerFailure) {
        let invitation = ShareInvitation(companion, node.listeningAt)
        if !invitation.isReachable, !output.isJSON {
            output.message("this machine has no address on a network: only it can fetch from here")
        }
        for torrent in torrents {
            let metainfo = torrent.kept.metainfo
            view.admit(metainfo)
            try node.take(TorrentSource(metainfo), in: torrent.folder, as: .seed)
            companion.tellName(of: metainfo)
            invitation.say(torrent, output)
        }
        if isDrawn, let first = torrents.first { invitation.draw(first, output) }
    }

    private static func serve(
        _ torrents: [SharedTorrent], _ node: PeerNode, _ view: TransferView, _ watch: ShareWatch, _ ends: ShareEnds
    ) -> ExitCode {
        let code: @Sendable () -> ExitCode = {
            if ends.others != nil { return view.isSatisfied ? .success : .unfinished }
            return view.wasInterrupted ? .interrupted : .success
        }
        let outcome = node.run(view, hurried: code) { watch.begin(node, torrents.map(\.kept.metainfo.infoHash)) }
        watch.stop()
        view.end()
        return outcome.failures.first?.kind.exitCode ?? code()
    }
}
