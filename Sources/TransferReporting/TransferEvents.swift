internal import ByteStrings
package import CommandLineKit
package import PeerRuntime
internal import TorrentCore

/// Turns what a node tells into what a script reads: the objects of `--json`. Pure.
package enum TransferEvents {
    package static func objects(_ event: PeerEvent) -> [JSONValue] {
        switch event {
        case .listening(let endpoints):
            endpoints.map { endpoint in
                [
                    "event": "listening", "address": .string(endpoint.address.description),
                    "port": .integer(Int64(endpoint.port)),
                ]
            }
        case .checking(let infoHash, let done, let total):
            [["event": "checking", "infohash": hash(infoHash), "done": .integer(done), "total": .integer(total)]]
        case .verified(let infoHash, let content): [verified(infoHash, content)]
        case .seeding(let infoHash, let name, let uploaded):
            [
                [
                    "event": "seeding", "infohash": hash(infoHash), "name": .bytes(name),
                    "uploaded": .integer(uploaded),
                ]
            ]
        case .progress(let all): all.map(progress)
        case .complete(let infoHash, let bytes, let seconds):
            [
                [
                    "event": "complete", "infohash": hash(infoHash), "bytes": .integer(bytes),
                    "seconds": .number((seconds * 1_000).rounded() / 1_000),
                ]
            ]
        case .notice(let infoHash, let notice):
            [
                .object(
                    [
                        .init("event", "notice"), .init("code", .string(notice.code)),
                        .init("message", .string(notice.text)),
                    ]
                        + (infoHash.map { [.init("infohash", hash($0))] } ?? []))
            ]
        case .failed(let infoHash, let failure):
            [
                .object(
                    [
                        .init("event", "error"), .init("code", .string(failure.kind.exitCode.slug)),
                        .init("message", .string(failure.message)),
                    ] + (infoHash.map { [.init("infohash", hash($0))] } ?? []))
            ]
        case .stopped(let infoHash, let downloaded, let uploaded):
            [
                [
                    "event": "stopped", "infohash": hash(infoHash), "downloaded": .integer(downloaded),
                    "uploaded": .integer(uploaded),
                ]
            ]
        }
    }

    private static func verified(_ infoHash: InfoHash, _ content: VerifiedContent) -> JSONValue {
        [
            "event": "verified", "infohash": hash(infoHash), "pieces": .integer(Int64(content.pieces)),
            "good_pieces": .integer(Int64(content.goodPieces)), "bytes": .integer(content.totalBytes),
            "good_bytes": .integer(content.goodBytes), "from_resume": .bool(content.fromResumeRecord),
            "missing": .array(content.missingFiles.map { .bytes($0) }),
        ]
    }

    private static func progress(_ progress: TorrentProgress) -> JSONValue {
        [
            "event": "progress", "infohash": hash(progress.infoHash), "downloaded": .integer(progress.downloaded),
            "uploaded": .integer(progress.uploaded), "left": .integer(progress.left),
            "down_rate": rate(progress.downloadRate), "up_rate": rate(progress.uploadRate),
            "peers": .integer(Int64(progress.peers)), "seeds": .integer(Int64(progress.seeds)),
        ]
    }

    /// Whole bytes a second: fractions say nothing.
    private static func rate(_ rate: Double) -> JSONValue {
        .integer(rate.isFinite ? Int64(min(max(0, rate), 9e18).rounded()) : 0)
    }

    private static func hash(_ infoHash: InfoHash) -> JSONValue { .string(infoHash.description) }
}
