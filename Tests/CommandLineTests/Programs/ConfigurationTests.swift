import Glibc
import TestSupport
import Testing

/// A configuration file says something or is refused with its line; it is never half read in silence.
@Suite("The configuration file")
struct ConfigurationTests {
    @Test(
        "What nobody would read is refused, with the file, the line and what was meant",
        arguments: [
            ("uplaod-limit = 1M", "line 1: no command has a setting \"uplaod-limit\"; did you mean upload-limit?"),
            ("\n[leach]\n", "line 2: no command is called \"leach\"; did you mean leech?"),
            ("[show]\ndir = /", "line 2: show has no setting \"dir\""),
            ("this is nothing", "line 1: no command has a setting \"this is nothing\""),
            ("[leech]\ndir", "line 2: dir needs a value: dir = DIR"),
            ("[leech]\ndir = a\n[download]\ndir = b", "line 4: dir has another value in line 2"),
            ("upload-limit 2M", "line 1: an = is missing after upload-limit"),
            ("[download]\nmax-pers = 3", "line 2: leech has no setting \"max-pers\"; did you mean max-peers?"),
            ("json = maybe", "json in conf, line 1: \"maybe\" is neither yes nor no"),
            ("max-peers = many", "max-peers in conf, line 1: \"many\" is not a whole number"),
            ("listen = here:1", "listen in conf, line 1: \"here\" is not an IPv4 or IPv6 address"),
            ("dir =", "dir in conf, line 1: \"\" is not a path with something in it"),
            ("help = yes", "line 1: no command has a setting \"help\""),
            ("dir = a\npeer = a:1\npeer = b:1\ndir = b", "line 4: dir has another value in line 1"),
        ])
    func refused(_ contents: String, _ words: String) async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 1_000))
            try FileTree.write(Array(contents.utf8), to: stage.folder.path("conf"))
            let leecher = try await stage.peer("leech", shared.path, "-e", environment: ["P2P_CONFIG": "conf"])
            #expect(leecher.status == .code(2), "\(leecher.log)")
            #expect(leecher.errorLines.count == 1 && leecher.errorLines[0].contains(words), "\(leecher.log)")
            #expect(leecher.errorLines[0].contains("conf, line"), "\(leecher.log)")
        }
    }

    @Test(
        "A variable that is wrong is named",
        arguments: [
            ("P2P_OVERWRITE", "perhaps", "neither yes nor no"), ("P2P_MAX_PEERS", "0", "whole number"),
            ("P2P_LISTEN", "here:1", "not an IPv4 or IPv6 address"), ("P2P_VERBOSE", "much", "neither yes nor no"),
            ("P2P_DIR", "", "a path with something in it"), ("P2P_POLLER", "kqueue", "no way to wait"),
        ])
    func variables(_ name: String, _ value: String, _ words: String) async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 1_000))
            let leecher = try await stage.peer("leech", shared.path, "-e", environment: [name: value])
            #expect(leecher.status == .code(2), "\(leecher.log)")
            #expect(leecher.errorLines.first?.contains("the variable \(name): ") == true, "\(leecher.log)")
            #expect(leecher.errorLines.first?.contains(words) == true, "\(leecher.log)")
        }
    }

    @Test("~ is the home folder in a file, a variable and an option, and an alias has a section of its command")
    func home() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 1_000))
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            let peer = "127.0.0.1:\(try await seeder.listeningPort())"
            let script = """
                mkdir -p "$HOME/got"
                printf '[download]\\ndir = ~/got\\nexit-when-done = yes\\n' > conf
                P2P_CONFIG=conf "$PEER" leech film.torrent --listen 127.0.0.1:0 --peer \(peer)
                cmp seed/film "$HOME/got/film"
                P2P_DIR='~/got' "$PEER" verify film.torrent
                "$PEER" verify film.torrent --dir='~/got'
                mv "$HOME/got/film" "$HOME"
                "$PEER" verify film.torrent -d '~'
                test ! -e '~'
                ! env -u HOME "$PEER" verify film.torrent -d '~'
                """
            let got = try await stage.shell(script)
            #expect(got.status == .code(0), "\(got.log)")
            #expect(got.errorLines.contains { $0.contains("HOME is not set") }, "\(got.log)")
        }
    }

    @Test("One file serves both programs, so each knows every setting of the other")
    func bothPrograms() async throws {
        try await withStage { stage in
            let script = #"""
                keys() {
                    grep -oE '^ +(-.,)? *--[a-z-]+' | grep -oE -- '--[a-z-]+' | cut -c3- |
                        grep -vE '^(help|version|from-json|identity|sort|search|limit)$'
                }
                for command in make show verify magnet seed leech share get browse publish unpublish console dht \
                    help completion; do
                    "$PEER" $command --help > page
                    echo "[$command]" >> sections
                    sed -n 's/^Alias[es]*: //p' page | tr , '\n' | sed 's/ //g; s/.*/[&]/' >> sections
                    keys < page >> names
                done
                "$TRACKER" --help | keys >> names
                test $(sort -u names | wc -l) -gt 20
                # Values that nobody takes: the line is known if the value is what is wrong, or nobody here reads it.
                sort -u names | grep -vE '^(json|quiet|verbose|no-color)$' | sed 's/$/ = 1/' > conf
                cat sections >> conf; echo '[tracker]' >> conf
                P2P_CONFIG=conf "$PEER" show nothing.torrent || echo "show $?"
                P2P_CONFIG=conf "$TRACKER" || echo "tracker $?"
                """#
            let both = try await stage.shell(script)
            #expect(both.lines == ["show 3", "tracker 2"], "\(both.log)")
            #expect(both.errorLines.contains { $0.contains("bind in conf") }, "\(both.log)")
        }
    }

    @Test("A file that is there and may not be read is an error", .enabled(if: getuid() == 0, "needs another user"))
    func unreadable() async throws {
        try await withStage { stage in
            let script = """
                mkdir -p home/.config/p2p; echo 'dir = /' > home/.config/p2p/config; chmod 0 home/.config/p2p/config
                chmod -R a+X . ; cp "$PEER" peer
                code=0
                env -u XDG_CONFIG_HOME HOME=$PWD/home setpriv --reuid 65534 --clear-groups ./peer show x || code=$?
                test $code = 5
                chmod 0 home/.config
                env -u XDG_CONFIG_HOME HOME=$PWD/home setpriv --reuid 65534 --clear-groups ./peer show x || code=$?
                test $code = 3
                """
            let read = try await stage.shell(script)
            #expect(read.status == .code(0), "\(read.log)")
            #expect(read.errorLines.contains { $0.contains("permission denied") }, "\(read.log)")
        }
    }
}
