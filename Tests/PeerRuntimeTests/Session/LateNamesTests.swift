import Dispatch
import Glibc
import SwarmEngine
import Synchronization
import TestSupport
import Testing
import TorrentCore

@testable import PeerRuntime
@testable import TorrentIO

/// Names that are still being looked up when their torrent turns out to be private, or takes another tracker (BEP 27).
@Suite struct LateNamesTests {
    private final class Owner: PeerLookupsOwner {
        var isStopping = false
        /// The tracker whose answers are used; nil: all are.
        var tracker: TrackerIndex?
        private(set) var sources: [PeerSource] = []

        func found(_ endpoints: [Endpoint], from source: PeerSource, by teller: IPAddress?) { sources.append(source) }
        func usesAnswers(of tracker: TrackerIndex) -> Bool { self.tracker.map { $0 == tracker } ?? true }
        func notice(_ code: String, _ text: String, isDetail: Bool) {}
    }

    /// Lookups that are answered when the test says so.
    private struct Stage {
        let owner = Owner()
        let lookups: PeerLookups
        private let reactor: Reactor
        private let gate = DispatchSemaphore(value: 0)

        init() throws {
            reactor = try Reactor(name: "late")
            let resolver = Resolver(count: 1) { [gate] _ in
                gate.wait()
                return .success([.loopbackV4])
            }
            lookups = PeerLookups(resolver, reactor)
            lookups.owner = owner
        }

        func answer() {
            for _ in 0..<lookups.underWay { gate.signal() }
            for _ in 0..<5_000 where lookups.underWay > 0 {
                reactor.performLater {}
                reactor.runIteration()
                usleep(1_000)
            }
        }
    }

    @Test func whatAnotherTrackerToldIsNotCalled() throws {
        let stage = try Stage()
        stage.lookups.lookUp("a.test", 1, of: TrackerIndex(0), by: .loopbackV4)
        stage.lookups.lookUp("b.test", 1, of: TrackerIndex(1), by: .loopbackV4)
        stage.owner.tracker = TrackerIndex(1)
        stage.answer()
        #expect(stage.owner.sources == [.tracker])
    }

    @Test func whomALinkNamesIsNotCalledIfItIsPrivate() throws {
        let stage = try Stage()
        stage.lookups.lookUp("link.test", 1, from: .link)
        stage.lookups.lookUp("user.test", 1, from: .user)
        stage.lookups.leaveLinks()
        stage.answer()
        #expect(stage.owner.sources == [.user])
    }
}
