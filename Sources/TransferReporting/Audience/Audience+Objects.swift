package import CommandLineKit
internal import TorrentCore

// The same for scripts.
extension Audience {
    /// One object each.
    package func objects(_ news: [News]) -> [JSONValue] {
        news.map { news in
            switch news {
            case .came(let infoHash, let fetcher), .moved(let infoHash, let fetcher):
                object(fetcher, of: infoHash, "fetching")
            case .left(let infoHash, let fetcher): object(fetcher, of: infoHash, "left")
            case .finished(let infoHash, let fetcher, let count):
                object(fetcher, of: infoHash, "has_everything", count: count)
            case .allHave(let infoHash, let count):
                [
                    "event": "all_have", "infohash": .string(infoHash.description), "finished": .integer(Int64(count)),
                ]
            }
        }
    }

    private func object(_ fetcher: Fetcher, of infoHash: InfoHash, _ state: String, count: Int? = nil) -> JSONValue {
        let shared = torrents.first { $0.infoHash == infoHash }
        return [
            "event": "fetcher", "infohash": .string(infoHash.description), "state": .string(state),
            "address": .string(fetcher.endpoint.address.description), "port": .integer(Int64(fetcher.endpoint.port)),
            "name": fetcher.name.map { .string($0) } ?? .null, "client": fetcher.client.map { .string($0) } ?? .null,
            "done": .integer(Int64(fetcher.havePieces)), "pieces": .integer(Int64(shared?.pieces ?? 0)),
            "up_rate": .integer(Int64(min(max(0, fetcher.rate), 9e18).rounded())),
            "finished": .integer(Int64(count ?? shared?.finished ?? 0)),
        ]
    }
}
