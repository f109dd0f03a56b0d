import ByteStrings
import Foundation
import Glibc
import PeerEvents
import PeerRuntime
import TestSupport
import Testing
import TorrentCore
import TorrentIO

/// Any number of torrents, a node that seeds them, and one that fetches some of them from it.
struct LiveStage {
    /// A torrent and its payload.
    struct Share {
        let payload: Payload
        let metainfo: Metainfo
        var infoHash: InfoHash { metainfo.infoHash }
    }

    let home: TemporaryFolder
    let source: String
    let target: String
    let seeder: TestNode
    let leecher: TestNode

    /// Both at work, with no torrent yet. `configure` is for the leecher; `keeps` says which events are remembered.
    init(
        _ configure: (inout PeerOptions) -> Void = { _ in },
        keeps: @escaping @Sendable (PeerEvent) -> Bool = { _ in true }
    ) async throws {
        home = try TemporaryFolder()
        source = try home.folder("source")
        target = home.path("target")
        seeder = try TestNode(folder: source, keeps: keeps)
        seeder.node.start()
        let port = try await seeder.port()
        leecher = try TestNode(
            folder: target,
            { options in
                options.peers = [PeerAddress(host: "127.0.0.1", port: port)]
                configure(&options)
            }, keeps: keeps)
        leecher.node.start()
    }

    /// Makes a torrent of so many bytes, and has it seeded.
    func share(_ name: String, bytes: Int, seed: UInt64 = 1, pieceLength: Int = 32_768) throws -> Share {
        let payload = Payload(file: name, size: bytes, seed: seed)
        try payload.write(below: source)
        let torrent = try TestTorrent(of: payload, at: "\(source)/\(name)", pieceLength: pieceLength)
        let metainfo = try Metainfo(parsing: torrent.encoded)
        try seeder.node.add(metainfo, folder: ByteString(source), role: .seed)
        return Share(payload: payload, metainfo: metainfo)
    }

    @discardableResult
    func fetch(_ share: Share, limits: TransferLimits = TransferLimits()) throws -> InfoHash {
        try leecher.node.add(share.metainfo, folder: ByteString(target), role: .leech, limits: limits)
    }

    /// Waits until the leecher's torrent is as `condition` says.
    func wait(
        _ what: String, of share: Share, within limit: Duration = .seconds(30),
        _ condition: (TorrentStatus) -> Bool
    ) async throws {
        let holds = try await eventually(within: limit) { condition(try leecher.node.status(of: share.infoHash)) }
        let status = try leecher.node.status(of: share.infoHash)
        guard holds else { throw TestFailure("not \(what) within \(limit): \(status)") }
    }

    func waitUntilComplete(_ share: Share, within limit: Duration = .seconds(30)) async throws {
        try await wait("complete", of: share, within: limit) { $0.progress.state == .seeding && $0.progress.left == 0 }
    }

    /// Whether the leecher has exactly the bytes that the seeder has.
    func isSame(_ share: Share) throws -> Bool {
        let name = share.payload.name
        return try FileTree.read("\(source)/\(name)") == FileTree.read("\(target)/\(name)")
    }

    /// How many events `choose` knows.
    func count(_ choose: (PeerEvent) -> Bool) -> Int { leecher.events.count(where: choose) }

    func stop() {
        leecher.node.stop()
        seeder.node.stop()
    }
}

extension PeerNode {
    /// What `wait` returns, waited for on a thread of its own: it would hold up one of those that all tests share.
    func outcome(_ wait: @escaping @Sendable (PeerNode) -> Outcome) async -> Outcome {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: wait(self)) }
        }
    }
}

extension PeerEvent {
    /// A torrent has ended.
    func isEnd(of infoHash: InfoHash) -> Bool {
        if case .stopped(infoHash, _, _, _) = self { true } else { false }
    }
}

/// What this process holds.
enum Footprint {
    /// Where the descriptors lead to.
    static var descriptors: [String] {
        guard let folder = opendir("/proc/self/fd") else { return [] }
        defer { closedir(folder) }
        var found: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            var target = [CChar](repeating: 0, count: 4_096)
            let length = readlink("/proc/self/fd/\(name)", &target, target.count)
            guard length > 0 else { continue }
            found.append(String(decoding: target[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        return found
    }

    /// Descriptors of what lies below a folder: other tests of this process have others.
    static func descriptors(below folder: String) -> Int {
        descriptors.count { $0.hasPrefix(folder + "/") }
    }

    /// Connections that stand and have `port` at an end: each counts twice, as both ends are here.
    static func connections(at port: UInt16) throws -> Int {
        let hex = ":" + String(port, radix: 16, uppercase: true).leftPadded(to: 4)
        let table = String(decoding: try FileTree.readStream("/proc/self/net/tcp"), as: UTF8.self)
        return table.split(separator: "\n").dropFirst().count { line in
            let words = line.split(separator: " ")
            return words.count > 3 && words[3] == "01" && (words[1].hasSuffix(hex) || words[2].hasSuffix(hex))
        }
    }

    /// Bytes of memory that are resident.
    static func residentBytes() throws -> Int {
        let words = String(decoding: try FileTree.readStream("/proc/self/statm"), as: UTF8.self).split(separator: " ")
        return (words.count > 1 ? Int(words[1]) ?? 0 : 0) * sysconf(Int32(_SC_PAGESIZE))
    }
}

extension String {
    fileprivate func leftPadded(to count: Int) -> String {
        String(repeating: "0", count: max(0, count - self.count)) + self
    }
}

extension FileTree {
    /// All of a file whose size the system does not know.
    fileprivate static func readStream(_ path: String) throws -> [UInt8] {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { throw TestFailure("open \(path): errno \(errno)") }
        defer { close(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file, &part, part.count)
            guard count > 0 else { return bytes }
            bytes += part[..<count]
        }
    }
}
