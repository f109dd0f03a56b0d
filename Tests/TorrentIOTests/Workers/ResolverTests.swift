import Dispatch
import TestSupport
import Testing
import TorrentCore
import TorrentIO

@Suite struct ResolverTests {
    private func resolve(
        _ host: String, timeout: Duration = .seconds(20), with resolver: Resolver = Resolver(count: 1)
    ) throws -> Result<[IPAddress], Resolver.Failure>? {
        let reactor = try Reactor(name: "test")
        let seen = Recorder<Result<[IPAddress], Resolver.Failure>>()
        let latch = Latch()
        resolver.resolve(host, on: reactor, timeout: timeout) { answer in
            reactor.preconditionOnReactor()
            seen.add(answer)
            latch.signal()
        }
        // Never from within the call.
        #expect(seen.all.isEmpty)
        reactor.start()
        #expect(latch.wait())
        reactor.stop()
        #expect(seen.all.count == 1)
        return seen.all.first
    }

    @Test func addressesAreTakenAsTheyAre() throws {
        #expect(try resolve("10.1.2.3") == .success([.v4(0x0A01_0203)]))
        #expect(try resolve("::1") == .success([.loopbackV6]))
        #expect(try resolve("[::1]") == .success([.loopbackV6]))
    }

    @Test func theLocalHostHasALoopbackAddress() throws {
        let addresses = try #require(try resolve("localhost")?.get())
        #expect(!addresses.isEmpty && addresses.allSatisfy(\.isLoopback))
    }

    @Test func nonsenseIsNotFound() throws {
        for host in ["", "a\0b", String(repeating: "x", count: 300)] {
            guard case .failure(.notFound)? = try resolve(host) else {
                Issue.record("\(host) was found")
                continue
            }
        }
    }

    @Test func nobodyWaitsLongerThanAsked() throws {
        let release = DispatchSemaphore(value: 0)
        let resolver = Resolver(count: 1) { _ in
            release.wait()
            return .success([.loopbackV4])
        }
        #expect(try resolve("stuck.test", timeout: .milliseconds(5), with: resolver) == .failure(.timedOut))
        release.signal()
        // And the thread that was stuck is good for the next.
        release.signal()
        #expect(try resolve("quick.test", with: resolver) == .success([.loopbackV4]))
    }
}
