import Foundation
import TestSupport
import Testing

/// The programs where there is no `/proc`, as in many a jail.
@Suite("without /proc", .enabled(if: Jail.canHideProc, "hiding /proc takes root and unshare(1) with mount(8)"))
struct NoProcTests {
    private static let hide = #"unshare -m sh -euc 'mount -t tmpfs none /proc; test ! -e /proc/self; exec "$@"' sh "#

    @Test("A peer still knows what it was asked for")
    func peer() async throws {
        try await withStage { stage in
            let made = try await stage.shell(
                """
                echo content > "f$E"
                \(Self.hide) "$PEER" make "f$E" -o "o$E" -q
                \(Self.hide) "$PEER" verify "o$E" --json
                \(Self.hide) "$PEER" seed "o$E" --seed-time 0s --listen 127.0.0.1:0
                """)
            #expect(made.status == .code(0), "\(made.log)")
            #expect(made.lines.contains { $0.contains(#""complete":true"#) }, "\(made.log)")
        }
    }

    @Test("A tracker listens where it was told to, and nowhere else")
    func tracker() async throws {
        try await withStage { stage in
            let process = try stage.start(
                "/bin/sh",
                ["-euc", #"exec \#(Self.hide) "$TRACKER" --port 0 --bind 127.0.0.1 --json"#], name: "tracker",
                environment: ["TRACKER": Executables.tracker])
            try await process.waitForLine(within: .seconds(20), "a first line") { !$0.isEmpty }
            let addresses = process.events.map { $0.address ?? $0.event }
            #expect(addresses == ["127.0.0.1"], "\(process.log)")
        }
    }
}

private enum Jail {
    static let canHideProc: Bool = {
        guard getuid() == 0, let unshare = Executables.find("unshare") else { return false }
        let process = Process()
        process.executableURL = URL(filePath: unshare)
        process.arguments = ["-m", "sh", "-c", "mount -t tmpfs none /proc"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()
}
