import TestSupport
import Testing

extension Interop {
    /// One shares, the others get: each host needs one command.
    @Suite("Share and get on hosts of their own", .serialized)
    struct ShareHostsTests {
        @Test("Four get it by URL, by number, by magnet link and by info hash alone", .timeLimit(.minutes(2)))
        func five() async throws {
            try Namespace.require([.ours], programs: Bridge.programs)
            try await withStage { stage in
                let bridge = try await Bridge(stage, hosts: 5)
                let content = try Payload.mixed(name: "class notes", bytes: 6 << 20).write(
                    below: stage.folder.path("shared"))
                let sharer = try start(
                    ["share", content, "--until", "4", "--upload-limit", "1M", "--listen", "\(Bridge.peerPort)"],
                    on: bridge[1], of: bridge)
                let sharing = try await sharer.waitForEvent("sharing")
                let urls = try #require(sharing.urls)
                let place = bridge[1].place(port: 6_969)
                #expect(
                    urls
                        == [place, bridge[1].place(.v6, port: 6_969), "127.0.0.1:6969"].map {
                            "http://\($0)/class%20notes"
                        })
                let ways = [
                    [urls[0]], ["http://\(place)", "1"], [try #require(sharing.magnet)],
                    [try #require(sharing.infohash)],
                ]
                var getters: [RunningProcess] = []
                for (number, way) in zip(2..., ways) {
                    getters.append(
                        try start(
                            ["get"] + way + [
                                "--dir", try bridge.folder(of: bridge[number]), "--name", "host \(number)",
                            ],
                            on: bridge[number], of: bridge))
                }
                for (number, getter) in zip(2..., getters) {
                    #expect(try await getter.waitForExit(within: .seconds(60)) == .code(0), "\(number)\n\(getter.log)")
                    let got = "\(try bridge.folder(of: bridge[number]))/class notes"
                    #expect(try FileTree.differences(got, from: content, exactly: true) == [])
                }
                #expect(try await sharer.waitForExit(within: .seconds(20)) == .code(0), "\(sharer.log)")
                let told = sharer.events.filter { $0.event == "fetcher" }
                for number in 2...5 {
                    let its = told.filter { event in
                        Bridge.Family.allCases.contains { bridge[number].address($0) == event.address }
                    }
                    #expect(
                        its.contains { $0.state == "fetching" && $0.done ?? 0 > 0 }, "host \(number)\n\(sharer.log)")
                    #expect(its.count { $0.state == "has_everything" } == 1, "host \(number)")
                }
                #expect(told.filter { $0.state == "has_everything" }.compactMap(\.finished) == [1, 2, 3, 4])
                #expect(told.contains { $0.name == "host 2" } && told.contains { $0.name == "host 4" })
            }
        }

        /// A program of ours that looks around on its network.
        private func start(
            _ arguments: [String], on host: Bridge.Host, of bridge: Bridge
        ) throws -> RunningProcess {
            try bridge.start(
                Executables.peer, arguments + ["--json"], on: host, name: arguments[0],
                environment: ["P2P_NO_LSD": "no"])
        }
    }
}
