import TestSupport
import Testing

extension Interop {
    /// Hosts with a bridge between them: whoever has a magnet link needs nothing else.
    @Suite("Links on hosts of their own", .serialized)
    struct MagnetHostsTests {
        /// What the first seeder has.
        enum First: String, CaseIterable, Sendable {
            /// All of it, and gives it slowly, also to the other one, which has half.
            case all
            /// Half of it; the other one has the other half, and calls nobody that others name.
            case half
        }

        /// Three hosts: the first knows the second, and the third has a link that names the first.
        @Test(
            "A link that names one peer leads to another one that only that one knows", .timeLimit(.minutes(1)),
            arguments: Bridge.Family.allCases, First.allCases)
        func exchanged(family: Bridge.Family, first: First) async throws {
            try Namespace.require([.ours], programs: Bridge.programs)
            try await withStage { stage in
                let bridge = try await Bridge(stage, hosts: 3)
                let torrent = try HostedTorrent(stage, bytes: 4 << 20)
                let halves = try Self.halves(of: torrent)
                let (known, hidden, newcomer) = (bridge[1], bridge[2], bridge[3])
                let knownPeer = try bridge.peer(
                    .seed, [torrent.path], on: known, folder: first == .half ? halves.0 : torrent.folder,
                    first == .half ? [] : ["--upload-limit", "512K"])
                try await knownPeer.waitForEvent("seeding")
                let hiddenPeer = try bridge.peer(
                    first == .half ? .seed : .leech, [torrent.path], on: hidden, folder: halves.1,
                    ["--peer", known.place(family)] + (first == .half ? ["--no-exchange"] : []))
                try await hiddenPeer.waitForEvent("peer") { $0.state == "connected" }

                let began = ContinuousClock.now
                let leecher = try bridge.peer(
                    .leech, [torrent.link(["x.pe=\(known.place(family))"])], on: newcomer)
                let meeting = try await leecher.waitForEvent("peer") {
                    $0.state == "connected" && $0.address == hidden.address(family)
                }
                let metAfter = ContinuousClock.now - began
                try await leecher.waitForEvent("complete", within: .seconds(30))
                let completeAfter = ContinuousClock.now - began
                try torrent.expectWhole(in: bridge.folder(of: newcomer))
                // Nobody but the first one could tell. Where both hear, each may have met the other before it calls.
                let told = (leecher.events + hiddenPeer.events).contains { $0.source == "exchange" }
                if first == .half { #expect(meeting.incoming == false && meeting.source == "exchange") }
                print(
                    "interop: \(family), first has \(first): met after \(metAfter), complete after \(completeAfter),",
                    meeting.incoming == true ? "called by the other" : "has called the other", told ? "(exchange)" : "")
                // Nobody has been called but those three.
                let called = Set(try await bridge.packets().map(\.address))
                #expect(called.isSubset(of: bridge.hosts.map { $0.address(family) }), "\(called)")
            }
        }

        @Test(
            "A link that names a tracker leads to all that announce there", .timeLimit(.minutes(1)),
            arguments: HostTracker.all)
        func tracked(tracker: HostTracker) async throws {
            try Namespace.require(
                [.ours], opentracker: tracker.kind == .opentracker, programs: Bridge.programs)
            try await withStage { stage in
                let bridge = try await Bridge(stage, hosts: 4)
                let (first, second, newcomer) = (bridge[1], bridge[2], bridge[3])
                let place = tracker.kind == .embedded ? first : bridge[4]
                let announceURL = tracker.announceURL(on: place)
                let torrent = try HostedTorrent(stage, bytes: 2 << 20, announce: [announceURL])
                let halves = try Self.halves(of: torrent)
                try await tracker.start(on: place, of: bridge, allowing: torrent.infoHash)
                for (host, folder) in [(first, halves.0), (second, halves.1)] {
                    let isTracker = tracker.kind == .embedded && host.number == first.number
                    let seeder = try bridge.peer(
                        .seed, [torrent.path], on: host, folder: folder,
                        ["--no-exchange"] + (isTracker ? ["--tracker", "\(HostTracker.port)"] : []))
                    try await seeder.waitForEvent("tracker") { $0.state == "answered" && $0.url == announceURL }
                }
                let began = ContinuousClock.now
                let leecher = try bridge.peer(
                    .leech, [torrent.link(["tr=\(announceURL)"])], on: newcomer, ["--no-exchange"])
                try await leecher.waitForEvent("complete", within: .seconds(30))
                print("interop: \(tracker.testDescription): complete after \(ContinuousClock.now - began)")
                try torrent.expectWhole(in: bridge.folder(of: newcomer))
                // Each has what the other one lacks. Who is a tracker, too, hears of newcomers and may call first.
                for host in [first, second] {
                    #expect(
                        leecher.events.contains {
                            $0.state == "connected" && ($0.source == "tracker" || $0.incoming == true)
                                && $0.address == host.address(tracker.family)
                        }, "\(host.number)\n\(leecher.log)")
                }
            }
        }

        /// Folders with one half each.
        private static func halves(of torrent: HostedTorrent) throws -> (String, String) {
            let middle = torrent.length / 2
            return (
                try torrent.folder("first-half", without: middle..<torrent.length),
                try torrent.folder("second-half", without: 0..<middle)
            )
        }
    }
}
