import ByteStrings
import Dispatch
import PeerEvents
import Synchronization
import TestSupport
import Testing
import TorrentCore
import TorrentIO

@testable import PeerRuntime

/// Torrents that begin as a magnet link, in nodes that live on.
@Suite struct LinkNodeTests {
    /// A named peer that had nothing is tried again some time later.
    private static let patience = Duration.seconds(120)

    private static func link(_ share: LiveStage.Share, named name: String? = nil) -> TorrentSource {
        var link = MagnetLink(infoHash: share.infoHash)
        link.displayName = name.map { ByteString($0) }
        return TorrentSource(link)
    }

    /// A torrent that nobody seeds yet.
    private static func share(_ stage: LiveStage, _ name: String, bytes: Int) throws -> LiveStage.Share {
        let share = try stage.share(name, bytes: bytes)
        try stage.seeder.node.remove(share.infoHash)
        return share
    }

    @Test func itIsFetchedOverOneConnectionFromTheFirstByteToTheLast() async throws {
        let stage = try await LiveStage()
        defer { stage.stop() }
        let share = try stage.share("linked", bytes: 700_001)
        try stage.leecher.node.add(Self.link(share), folder: ByteString(stage.target), role: .leech)
        try await stage.waitUntilComplete(share, within: Self.patience)
        #expect(try stage.isSame(share))
        let status = try stage.leecher.node.status(of: share.infoHash)
        #expect(status.name == "linked")
        #expect(status.progress.totalBytes == 700_001)
        // The check of the disk did not cost it.
        let before = stage.leecher.events.prefix { if case .complete = $0 { false } else { true } }
        let peers = before.compactMap { if case .peer(_, let news) = $0 { news.kind } else { nil } }
        #expect(peers.count { if case .connected = $0 { true } else { false } } == 1, "\(peers)")
        #expect(stage.count { if case .metadataComplete = $0 { true } else { false } } == 1)
    }

    @Test func itIsNamedByItsLinkAndThenByItsMetainfo() async throws {
        let stage = try await LiveStage()
        defer { stage.stop() }
        let share = try Self.share(stage, "real", bytes: 50_001)
        let node = stage.leecher.node
        try node.add(Self.link(share, named: "hearsay"), folder: ByteString(stage.target), role: .leech)
        try await stage.wait("fetching metadata", of: share) { $0.progress.state == .fetchingMetadata }
        #expect(try node.status(of: share.infoHash).name == "hearsay")
        #expect(throws: NodeError.alreadyThere(share.infoHash, name: "hearsay")) { try stage.fetch(share) }
        try stage.seeder.node.add(share.metainfo, folder: ByteString(stage.source), role: .seed)
        try await stage.waitUntilComplete(share, within: Self.patience)
        #expect(try node.status(of: share.infoHash).name == "real")
    }

    @Test func pausedBeforeItIsKnownItHoldsNothingAndGoesOn() async throws {
        let stage = try await LiveStage()
        defer { stage.stop() }
        let share = try Self.share(stage, "paused", bytes: 50_001)
        let node = stage.leecher.node
        try node.add(Self.link(share), folder: ByteString(stage.target), role: .leech)
        try await stage.wait("fetching metadata", of: share) { $0.progress.state == .fetchingMetadata }
        try node.pause(share.infoHash)
        try await stage.wait("paused", of: share) { $0.progress.state == .paused }
        let port = try await stage.seeder.port()
        let isFree = try await eventually(within: .seconds(30)) { try Footprint.connections(at: port) == 0 }
        #expect(isFree)
        try node.resume(share.infoHash)
        try await stage.wait("fetching metadata again", of: share) { $0.progress.state == .fetchingMetadata }
        try stage.seeder.node.add(share.metainfo, folder: ByteString(stage.source), role: .seed)
        try await stage.waitUntilComplete(share, within: Self.patience)
        #expect(try stage.isSame(share))
    }

    @Test func pausedWhenItIsKnownItGoesOnWithoutFetchingItAgain() async throws {
        let stage = try await LiveStage()
        defer { stage.stop() }
        let share = try stage.share("known", bytes: 12_000_001)
        let node = stage.leecher.node
        try node.add(
            Self.link(share), folder: ByteString(stage.target), role: .leech,
            limits: TransferLimits(download: 20_000))
        try await stage.wait("moving", of: share) { $0.progress.downloaded > 0 }
        try node.pause(share.infoHash)
        try await stage.wait("paused", of: share) { $0.progress.state == .paused }
        try node.setLimits(TransferLimits(), for: share.infoHash)
        try node.resume(share.infoHash)
        try await stage.waitUntilComplete(share, within: Self.patience)
        #expect(try stage.isSame(share))
        #expect(stage.count { if case .metadataComplete = $0 { true } else { false } } == 1)
    }

    /// The session that fetched the metadata is closed while the check that it waits for is called off, and so none
    /// goes on with what it had.
    @Test func pausedAndResumedInTheMomentItIsKnownItBeginsAnew() async throws {
        let node = Mutex<PeerNode?>(nil)
        let stage = try await LiveStage(keeps: { event in
            guard case .metadataComplete(let metainfo) = event, let leecher = node.withLock(\.self) else { return true }
            // On the reactor, before the check has begun: both are heard before it can answer.
            try? leecher.pause(metainfo.infoHash)
            try? leecher.resume(metainfo.infoHash)
            return true
        })
        defer { stage.stop() }
        node.withLock { $0 = stage.leecher.node }
        let share = try stage.share("moment", bytes: 700_001)
        try stage.leecher.node.add(Self.link(share), folder: ByteString(stage.target), role: .leech)
        try await stage.waitUntilComplete(share, within: Self.patience)
        node.withLock { $0 = nil }
        #expect(try stage.isSame(share))
        let before = stage.leecher.events.prefix { if case .complete = $0 { false } else { true } }
        let peers = before.compactMap { if case .peer(_, let news) = $0 { news.kind } else { nil } }
        #expect(peers.count { if case .connected = $0 { true } else { false } } == 2, "\(peers)")
    }

    @Test func whatIsThereAlreadyIsCompleteAtOnce() async throws {
        let stage = try await LiveStage { $0.ends.whenDone = true }
        defer { stage.stop() }
        let share = try stage.share("there", bytes: 300_001)
        try share.payload.write(below: stage.target)
        try stage.leecher.node.add(Self.link(share), folder: ByteString(stage.target), role: .leech)
        try await stage.leecher.wait("end", within: Self.patience) { $0.isEnd(of: share.infoHash) ? () : nil }
        #expect(stage.count { if case .complete = $0 { true } else { false } } == 1)
        #expect(stage.count { if case .failed = $0 { true } else { false } } == 0)
        let status = try stage.leecher.node.status(of: share.infoHash)
        #expect(status.progress.downloaded == 0 && status.progress.left == 0)
    }

    @Test func removedBeforeItIsKnownItEndsAndAnotherMayBegin() async throws {
        let stage = try await LiveStage()
        defer { stage.stop() }
        let share = try Self.share(stage, "removed", bytes: 50_001)
        let node = stage.leecher.node
        for _ in 0..<3 {
            try node.add(Self.link(share), folder: ByteString(stage.target), role: .leech)
            try node.remove(share.infoHash)
        }
        try stage.seeder.node.add(share.metainfo, folder: ByteString(stage.source), role: .seed)
        try node.add(Self.link(share), folder: ByteString(stage.target), role: .leech)
        try await stage.waitUntilComplete(share, within: Self.patience)
        #expect(stage.count { $0.isEnd(of: share.infoHash) } == 3)
        #expect(try stage.isSame(share))
    }

    @Test func whatWasKeptMakesItALinkNoMore() async throws {
        let stage = try await LiveStage()
        defer { stage.stop() }
        let share = try stage.share("kept", bytes: 50_001)
        let node = stage.leecher.node
        try node.add(Self.link(share), folder: ByteString(stage.target), role: .leech)
        try await stage.waitUntilComplete(share, within: Self.patience)
        try node.remove(share.infoHash)
        try node.add(Self.link(share), folder: ByteString(stage.target), role: .leech)
        try await stage.waitUntilComplete(share, within: Self.patience)
        #expect(stage.count { if case .metadataComplete = $0 { true } else { false } } == 2)
        let lives = stage.leecher.events.split { $0.isEnd(of: share.infoHash) }
        let second = try #require(lives.last)
        #expect(
            !second.contains { event in
                if case .progress(let all) = event { all.contains { $0.state == .fetchingMetadata } } else { false }
            })
    }

    @Test func aLookTouchesNoFolderAndEnds() async throws {
        let stage = try await LiveStage()
        defer { stage.stop() }
        let share = try stage.share("looked", bytes: 50_001)
        try stage.leecher.node.add(Self.link(share), folder: ByteString("\(stage.target)/none"), role: .look)
        try await stage.leecher.wait("end", within: Self.patience) { $0.isEnd(of: share.infoHash) ? () : nil }
        #expect(stage.count { if case .metadataComplete = $0 { true } else { false } } == 1)
        #expect(!FileTree.exists(stage.target))
        #expect(try stage.leecher.node.status(of: share.infoHash).failure == nil)
        let ends = stage.leecher.events.filter { $0.isEnd(of: share.infoHash) }
        #expect(ends.allSatisfy { if case .stopped(_, _, _, left: .some) = $0 { true } else { false } })
        // What was kept is there at once, and nothing is checked.
        try stage.leecher.node.remove(share.infoHash)
        try stage.leecher.node.add(Self.link(share), folder: ByteString("\(stage.target)/none"), role: .look)
        let hasEnded = try await eventually(within: Self.patience) { stage.count { $0.isEnd(of: share.infoHash) } == 2 }
        #expect(hasEnded)
        #expect(try stage.leecher.node.status(of: share.infoHash).failure == nil)
        #expect(stage.count { if case .verified = $0 { true } else { false } } == 0)
        stage.leecher.node.stop()
        let outcome = await stage.leecher.node.outcome { $0.waitUntilDone() }
        #expect(outcome.unfinished == 0 && outcome.failures.isEmpty)
    }

    /// All of it has come, and is being hashed when it is paused: it is known then, and not fetched again.
    @Test func pausedWhileItIsHashedItIsKnown() async throws {
        let stage = try await LiveStage()
        defer { stage.stop() }
        // So much metadata that a worker hashes it.
        let share = try stage.share("hashed", bytes: 4_000_001, pieceLength: 1_024)
        let node = stage.leecher.node
        let gate = Gate()
        defer { gate.open() }
        for _ in 0..<4 { node.context.shared.readers.perform { gate.wait() } }
        try node.add(Self.link(share), folder: ByteString(stage.target), role: .leech)
        try await stage.wait("all there", of: share) { $0.progress.metadata?.done == 5 }
        try node.pause(share.infoHash)
        let port = try await stage.seeder.port()
        let isFree = try await eventually(within: .seconds(30)) { try Footprint.connections(at: port) == 0 }
        #expect(isFree)
        try stage.seeder.node.remove(share.infoHash)
        gate.open()
        try await stage.wait("paused", of: share) {
            $0.progress.state == .paused && $0.progress.totalBytes == 4_000_001
        }
        #expect(stage.count { if case .metadataComplete = $0 { true } else { false } } == 1)
        try node.resume(share.infoHash)
        try await stage.wait("at work", of: share) { $0.progress.state == .leeching }
    }
}

/// Holds up whoever waits at it until it is opened.
private final class Gate: Sendable {
    private let isOpen = Mutex(false)
    private let semaphore = DispatchSemaphore(value: 0)

    func wait() {
        semaphore.wait()
        semaphore.signal()
    }

    func open() {
        let isFirst = isOpen.withLock { isOpen in
            defer { isOpen = true }
            return !isOpen
        }
        if isFirst { semaphore.signal() }
    }
}
