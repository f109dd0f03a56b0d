import CommandLineKit
import PeerEvents
import Testing
import TorrentCore
import TransferReporting

/// What people and scripts hear of the DHT.
@Suite("The DHT in words")
struct DHTWordsTests {
    private static func levels(_ news: [DHTNews]) -> [Int] {
        var words = DHTWords()
        return news.map { words.level(of: $0) }
    }

    @Test("That it is ready is said once, whatever the other family does")
    func readyOnce() {
        let news: [DHTNews] = [
            DHTNews(.ipv4, .joining), DHTNews(.ipv6, .joining), DHTNews(.ipv6, .alone(retriesIn: .seconds(5))),
            DHTNews(.ipv4, .ready(nodes: 3)), DHTNews(.ipv6, .ready(nodes: 1)),
            DHTNews(.ipv4, .alone(retriesIn: .seconds(5))), DHTNews(.ipv4, .ready(nodes: 3)),
        ]
        #expect(Self.levels(news) == [1, 1, 1, 0, 1, 1, 1])
    }

    @Test("That nobody answers is said once, when neither family has hope left")
    func aloneOnce() {
        let alone = DHTNews.State.alone(retriesIn: .seconds(5))
        let news: [DHTNews] = [
            DHTNews(.ipv4, .joining), DHTNews(.ipv6, .joining), DHTNews(.ipv4, alone), DHTNews(.ipv6, alone),
            DHTNews(.ipv4, alone), DHTNews(.ipv4, .ready(nodes: 1)),
        ]
        #expect(Self.levels(news) == [1, 1, 1, 0, 1, 0])
    }

    @Test("A line names the family, and when it is tried again")
    func lines() {
        #expect(DHTWords.line(DHTNews(.ipv4, .ready(nodes: 1_200))).plain == "the DHT is ready: 1,200 nodes (IPv4)")
        let alone = DHTWords.line(DHTNews(.ipv6, .alone(retriesIn: .seconds(65)))).plain
        #expect(alone == "no node of the DHT answers (IPv6), trying again in 1:05; is the network up?")
    }

    @Test("Objects for scripts")
    func objects() {
        func text(_ state: DHTNews.State) -> String {
            String(decoding: TransferEvents.objects(.dht(DHTNews(.ipv4, state)))[0].bytes, as: UTF8.self)
        }
        #expect(text(.ready(nodes: 24)) == #"{"event":"dht","family":"ipv4","state":"ready","nodes":24}"#)
        #expect(
            text(.alone(retriesIn: .seconds(30)))
                == #"{"event":"dht","family":"ipv4","state":"alone","retry_in":30}"#)
        #expect(text(.joining) == #"{"event":"dht","family":"ipv4","state":"joining"}"#)
        #expect(text(.off) == #"{"event":"dht","family":"ipv4","state":"off"}"#)
    }

    @Test("A download that does not move says what the DHT is doing, and when that is tried again")
    func standstills() {
        let expected: [(Standstill, Double?, String)] = [
            (.joiningDHT, nil, "joining the DHT"),
            (.noAnswerInDHT, 25, "no node of the DHT answers, asking again in 0:25"),
            (.nobodyInDHT, 60, "no peers yet: the DHT knows nobody, asking again in 1:00"),
            (.nobodyToAsk, nil, "nobody to ask: no tracker and no --peer"),
        ]
        let infoHash = InfoHash(Bytes20(high: 1, middle: 1, low: 1))
        for (standstill, seconds, words) in expected {
            var report = TransferReport(exitWhenDone: false)
            report.add(infoHash, name: "film", role: .leech)
            var progress = TorrentProgress(infoHash: infoHash, state: .leeching, totalBytes: 1_000)
            progress.left = 1_000
            progress.standstill = standstill
            progress.nextAnnounce = seconds
            _ = report.absorb(.progress([progress]))
            let lines = report.pipeLines().map { line -> String in
                if case .result(let text) = line { text.plain } else { "" }
            }
            #expect(lines.count == 1 && lines[0].hasSuffix(words), "\(lines)")
        }
    }
}
