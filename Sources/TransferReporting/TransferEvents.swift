internal import ByteStrings
package import CommandLineKit
package import PeerEvents
internal import TorrentCore

/// Converts a node's events into the objects of `--json`. Pure.
package enum TransferEvents {
    /// One object, or one for each address or file that the event names.
    package static func objects(_ event: PeerEvent) -> [JSONValue] {
        switch event {
        case .listening(let endpoints): endpoints.map(listening)
        case .metadataComplete(let metainfo): [metadataComplete(metainfo)]
        case .checking(let infoHash, let done, let total):
            [["event": "checking", "infohash": hash(infoHash), "done": .integer(done), "total": .integer(total)]]
        case .verified(let infoHash, let content): [verified(infoHash, content)]
        case .seeding(let infoHash, let name, let uploaded, let path):
            [
                .object(
                    [
                        .init("event", "seeding"), .init("infohash", hash(infoHash)), .init("name", .bytes(name)),
                        .init("uploaded", .integer(uploaded)),
                    ] + (path.map { [.init("path", .bytes($0))] } ?? []))
            ]
        case .progress(let all):
            all.map { progress in
                progress.state == .fetchingMetadata ? metadata(progress) : self.progress(progress)
            }
        case .peers(let infoHash, let peers): [self.peers(infoHash, peers)]
        case .pieces(let infoHash, let map): [pieces(infoHash, map.counts)]
        case .complete(let infoHash, let bytes, let seconds, let path):
            [
                .object(
                    [
                        .init("event", "complete"), .init("infohash", hash(infoHash)), .init("bytes", .integer(bytes)),
                        .init("seconds", .number((seconds * 1_000).rounded() / 1_000)),
                    ] + (path.map { [.init("path", .bytes($0))] } ?? []))
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
        case .peer(let infoHash, let news): [peer(infoHash, news)]
        case .tracker(let infoHash, let news): [tracker(infoHash, news)]
        case .word(let infoHash, let word): [self.word(infoHash, word)]
        case .dht(let news): [dht(news)]
        case .failed(let infoHash, let failure):
            [
                .object(
                    [
                        .init("event", "error"), .init("code", .string(failure.kind.exitCode.slug)),
                        .init("message", .string(failure.message)),
                    ] + (infoHash.map { [.init("infohash", hash($0))] } ?? []))
            ]
        case .stopped(let infoHash, let downloaded, let uploaded, let left):
            [
                [
                    "event": "stopped", "infohash": hash(infoHash), "downloaded": .integer(downloaded),
                    "uploaded": .integer(uploaded), "left": left.map { .integer($0) } ?? .null,
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

    private static func listening(_ endpoint: Endpoint) -> JSONValue {
        [
            "event": "listening", "address": .string(endpoint.address.description),
            "port": .integer(Int64(endpoint.port)),
        ]
    }

    private static func metadata(_ progress: TorrentProgress) -> JSONValue {
        [
            "event": "metadata", "infohash": hash(progress.infoHash),
            "pieces": progress.metadata?.pieces.map { .integer(Int64($0)) } ?? .null,
            "done": .integer(Int64(progress.metadata?.done ?? 0)), "peers": .integer(Int64(progress.peers)),
            "waiting": progress.standstill.map { .string($0.rawValue) } ?? .null,
            "tried": .array((progress.metadata?.tried ?? []).map { .string($0) }),
        ]
    }

    private static func metadataComplete(_ metainfo: Metainfo) -> JSONValue {
        [
            "event": "metadata_complete", "infohash": hash(metainfo.infoHash),
            "name": .bytes(ByteString(metainfo.name.bytes)), "length": .integer(metainfo.totalLength),
            "pieces": .integer(Int64(metainfo.pieceCount)), "private": .bool(metainfo.isPrivate),
        ]
    }

    private static func progress(_ progress: TorrentProgress) -> JSONValue {
        let secondsLeft = ProgressWords(progress: progress, glyphs: .ascii).secondsLeft
        return [
            "event": "progress", "infohash": hash(progress.infoHash), "downloaded": .integer(progress.downloaded),
            "uploaded": .integer(progress.uploaded), "left": .integer(progress.left),
            "down_rate": rate(progress.downloadRate), "up_rate": rate(progress.uploadRate),
            "peers": .integer(Int64(progress.peers)), "seeds": .integer(Int64(progress.seeds)),
            "total": .integer(progress.totalBytes), "state": .string("\(progress.state)"),
            "eta": progress.standstill == nil ? secondsLeft.map { .integer(Int64($0)) } ?? .null : .null,
            "waiting": progress.standstill.map { .string($0.rawValue) } ?? .null,
            "sources": sources(progress.sources), "copies_out": progress.copiesOut.map(copies) ?? .null,
        ]
    }

    /// In thousandths; while it is super-seeded.
    private static func copies(_ copies: Double) -> JSONValue { .number((copies * 1_000).rounded() / 1_000) }

    /// Every one, also where there is none: a script need not ask.
    private static func sources(_ counts: PeerOrigins) -> JSONValue {
        .object(PeerOrigin.allCases.map { .init($0.rawValue, .integer(Int64(counts[$0]))) })
    }

    private static func peer(_ infoHash: InfoHash, _ news: PeerNews) -> JSONValue {
        var members = place("peer", infoHash, news.endpoint)
        switch news.kind {
        case .connected(let isIncoming):
            members += [.init("state", "connected"), .init("incoming", .bool(isIncoming))]
        case .failed(let why): members += [.init("state", "failed"), .init("reason", .string(why))]
        case .left(let why): members += [.init("state", "left"), .init("reason", .string(why))]
        case .hasEverything: members.append(.init("state", "has_everything"))
        case .unchokesUs: members.append(.init("state", "unchokes_us"))
        case .chokesUs: members.append(.init("state", "chokes_us"))
        case .unchoked(let turn, _):
            members.append(.init("state", "unchoked"))
            if let turn { members.append(.init("turn", .string(turn.rawValue))) }
        case .keepsTurn(let turn, _):
            members += [.init("state", "keeps_turn"), .init("turn", .string(turn.rawValue))]
        case .choked(let wait):
            members.append(.init("state", "choked"))
            if let wait { members.append(.init("why", .string(wait.rawValue))) }
        }
        if let client = news.client { members.append(.init("client", .string(client))) }
        if let origin = news.origin { members.append(.init("source", .string(origin.rawValue))) }
        return .object(members)
    }

    private static func tracker(_ infoHash: InfoHash, _ news: TrackerNews) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("event", "tracker"), .init("infohash", hash(infoHash)), .init("url", .string(news.url)),
        ]
        switch news.kind {
        case .asked(let event):
            members.append(.init("state", "asked"))
            if event != .none { members.append(.init("announce", .string("\(event)"))) }
        case .answered(let peers, let seeds, let leechers, let interval):
            members += [
                .init("state", "answered"), .init("peers", .integer(Int64(peers))),
                .init("interval", .integer(interval.components.seconds)),
            ]
            if let seeds { members.append(.init("seeds", .integer(Int64(seeds)))) }
            if let leechers { members.append(.init("leechers", .integer(Int64(leechers)))) }
        case .failed(let why): members += [.init("state", "failed"), .init("reason", .string(why))]
        }
        return .object(members)
    }

    private static func dht(_ news: DHTNews) -> JSONValue {
        var members: [JSONValue.Member] = [.init("event", "dht"), .init("family", .string(news.family.rawValue))]
        switch news.state {
        case .off: members.append(.init("state", "off"))
        case .joining: members.append(.init("state", "joining"))
        case .ready(let nodes):
            members += [.init("state", "ready"), .init("nodes", .integer(Int64(nodes)))]
        case .alone(let wait):
            members += [.init("state", "alone"), .init("retry_in", .integer(Int64(wait.inSeconds.rounded())))]
        }
        return .object(members)
    }

    private static func word(_ infoHash: InfoHash, _ word: PeerWord) -> JSONValue {
        .object(
            place("message", infoHash, word.endpoint) + [
                .init("sent", .bool(word.isOurs)),
                .init("message", .string(MessageWords(isOurs: word.isOurs).sentence(word.kind).plain)),
            ])
    }

    private static func place(_ event: String, _ infoHash: InfoHash, _ endpoint: Endpoint) -> [JSONValue.Member] {
        [
            .init("event", .string(event)), .init("infohash", hash(infoHash)),
            .init("address", .string(endpoint.address.description)), .init("port", .integer(Int64(endpoint.port))),
        ]
    }

    /// Whole bytes a second: fractions say nothing.
    private static func rate(_ rate: Double) -> JSONValue {
        .integer(rate.isFinite ? Int64(min(max(0, rate), 9e18).rounded()) : 0)
    }

    private static func hash(_ infoHash: InfoHash) -> JSONValue { .string(infoHash.description) }
}
