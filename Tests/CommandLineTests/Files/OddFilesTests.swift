import TestSupport
import Testing

/// Pipes, devices and folders where a configuration file or a torrent is expected: nothing waits for them for ever, and
/// nothing moves them.
@Suite("odd files")
struct OddFilesTests {
    @Test(
        "A configuration that is no file is refused at once, and stays where it is",
        arguments: [("mkfifo conf", "pipe"), ("mkdir conf", "folder"), ("ln -s /dev/zero conf", "device")])
    func configuration(_ make: String, _ kind: String) async throws {
        try await withStage { stage in
            let named = try await stage.shell(
                """
                echo a > f
                \(make)
                stat -c %F-%i conf > before
                code=0
                P2P_CONFIG=conf "$PEER" make --help > help || exit 99
                grep -q -e --piece-length help
                P2P_CONFIG=conf "$PEER" make f || code=$?
                stat -c %F-%i conf | cmp - before
                test ! -e f.torrent
                exit $code
                """)
            #expect(named.status == .code(5), "\(named.log)")
            #expect(named.errorLines.contains { $0.contains("conf: ") && $0.contains(kind) }, "\(named.log)")
        }
    }

    @Test("The same where the configuration is looked for unasked")
    func usualConfiguration() async throws {
        try await withStage { stage in
            let found = try await stage.shell(
                """
                mkdir -p "$XDG_CONFIG_HOME/p2p"
                mkfifo "$XDG_CONFIG_HOME/p2p/config"
                code=0
                "$PEER" show x || code=$?
                test -p "$XDG_CONFIG_HOME/p2p/config"
                exit $code
                """)
            #expect(found.status == .code(5), "\(found.log)")
            let tracker = try await stage.run(Executables.tracker, ["--port", "0"])
            #expect(tracker.status == .code(5), "\(tracker.log)")
        }
    }

    @Test("A configuration that would be read in part only is refused; /dev/null is an empty one")
    func strangeConfigurations() async throws {
        try await withStage { stage in
            let read = try await stage.shell(
                #"""
                echo a > f
                P2P_CONFIG=/dev/null "$PEER" make f -q
                (head -c 1100000 /dev/zero | tr '\0' '\n'; printf '[verify]\ndir = gone\n') > long
                code=0
                P2P_CONFIG=long "$PEER" verify f.torrent || code=$?
                test $code = 5
                printf 'dir = .\0/gone\n' > zero
                P2P_CONFIG=zero "$PEER" verify f.torrent || code=$?
                test $code = 2
                """#)
            #expect(read.status == .code(0), "\(read.log)")
            #expect(read.errorLines.contains { $0.contains("long: more than 1 MiB") }, "\(read.log)")
            #expect(read.errorLines.contains { $0.contains("zero, line 1: a zero byte") }, "\(read.log)")
        }
    }

    @Test("A torrent may come through a pipe that is named or given; a folder is none")
    func torrents() async throws {
        try await withStage { stage in
            let shown = try await stage.shell(
                """
                echo a > f
                "$PEER" make f -q
                mkfifo pipe
                cat f.torrent > pipe & "$PEER" show pipe
                "$PEER" show /dev/stdin < f.torrent
                cat f.torrent | "$PEER" show -
                mkdir folder
                code=0
                "$PEER" seed folder || code=$?
                test $code = 5
                "$PEER" show /dev/zero || code=$?
                test $code = 4
                test -p pipe
                test -d folder
                """)
            #expect(shown.status == .code(0), "\(shown.log)")
            #expect(shown.lines.count { $0 == "f" } == 3, "\(shown.log)")
        }
    }
}
