import Foundation
import TestSupport
import Testing

/// Whatever names a file is bytes, be they UTF-8 or not, from the command line to the disk and back.
@Suite("paths that are bytes")
struct BytePathTests {
    @Test("make takes a file whose name is no UTF-8, and the torrent holds its bytes")
    func makeFile() async throws {
        try await withStage { stage in
            let made = try await stage.shell(
                """
                echo content > "caf$E"
                "$PEER" make "caf$E"
                test -f "caf$E.torrent"
                test "$(ls | grep -c torrent)" = 1
                grep -aq "4:name4:caf$E" "caf$E.torrent"
                """)
            #expect(made.status == .code(0), "\(made.log)")
            #expect(made.lines.contains { $0.contains(#"caf\xe9.torrent"#) }, "\(made.log)")
            #expect(made.lines.contains { $0.contains("dn=caf%E9") }, "\(made.log)")
        }
    }

    @Test("make takes a folder, -n a name and -o a path that are no UTF-8")
    func makeFolder() async throws {
        try await withStage { stage in
            let made = try await stage.shell(
                """
                mkdir -p "d$E/s$E" "out$E"
                echo a > "d$E/s$E/f$E"
                "$PEER" make "d$E" -n "n$E" -o "out$E" -q
                grep -aq "4:name2:n$E" "out$E/n$E.torrent"
                grep -aq "4:pathl2:s${E}2:f${E}e" "out$E/n$E.torrent"
                "$PEER" make "d$E" -o "out$E/o$E" -q
                test -f "out$E/o$E"
                test "$(ls | wc -l)" = 2
                """)
            #expect(made.status == .code(0), "\(made.log)")
        }
    }

    @Test("What has to be text is refused where it is none, before anything is made of it")
    func texts() async throws {
        try await withStage { stage in
            let refused = try await stage.shell(
                """
                echo content > f
                code=0
                "$PEER" make f -c "caf$E" || code=$?
                test $code = 2
                "$PEER" make f --source "caf$E" || code=$?
                test $code = 2
                "$PEER" make f -a "http://host/caf$E" || code=$?
                test $code = 2
                "$PEER" make f -t "4$E" || code=$?
                test $code = 2
                test ! -e f.torrent
                """)
            #expect(refused.status == .code(0), "\(refused.log)")
            #expect(
                refused.errorLines.contains { $0.contains(#"--comment: "caf\xe9" is not a text in UTF-8"#) },
                "\(refused.log)")
        }
    }

    @Test("What is not found is named by its bytes, escaped")
    func notFound() async throws {
        try await withStage { stage in
            for command in ["make", "show", "magnet", "verify", "seed", "leech"] {
                let failed = try await stage.shell(#"exec "$PEER" "# + command + #" "gone$E""#)
                #expect(failed.status == .code(3), "\(failed.log)")
                #expect(failed.errorLines.contains { $0.contains(#"gone\xe9: "#) }, "\(failed.log)")
            }
        }
    }

    @Test("--exclude and --include match bytes: ? is a character or a stray byte")
    func globs() async throws {
        try await withStage { stage in
            let listed = try await stage.shell(
                #"""
                mkdir d
                for name in "secret$E.txt" "open$E.txt" plain.txt "é.txt"; do echo a > "d/$name"; done
                "$PEER" make d --dry-run --exclude "secret$E*"
                echo --
                "$PEER" make d --dry-run --include "*$E.txt"
                echo --
                "$PEER" make d --dry-run --include 'secret?.txt' --include '?.txt'
                echo --
                "$PEER" make d --dry-run --include "*[$E].txt"
                echo --
                "$PEER" make d --dry-run --exclude "[!a-z]*" --exclude "*[!a-z].txt"
                """#)
            #expect(listed.status == .code(0), "\(listed.log)")
            let names = listed.lines.split(separator: "--").map { part in
                part.compactMap { $0.contains(".txt") ? String($0.split(separator: " ").last ?? "") : nil }
            }
            #expect(
                names == [
                    [#"open\xe9.txt"#, "plain.txt", "é.txt"], [#"open\xe9.txt"#, #"secret\xe9.txt"#],
                    [#"secret\xe9.txt"#, "é.txt"], [#"open\xe9.txt"#, #"secret\xe9.txt"#], ["plain.txt"],
                ])
        }
    }

    @Test("seed, leech and verify use the very folder that --dir names")
    func transfer() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let made = try await stage.shell(
                """
                mkdir -p "from$E/d$E" "to$E"
                head -c 200000 /dev/urandom > "from$E/d$E/f$E"
                "$PEER" make "from$E/d$E" -a "\(tracker.announce)" -o "t$E" -q
                "$PEER" seed "t$E" --dir "from$E" --listen 127.0.0.1:0 & seeder=$!
                trap 'kill $seeder' EXIT
                "$PEER" leech "t$E" --dir "to$E" -e --listen 127.0.0.1:0
                cmp "from$E/d$E/f$E" "to$E/d$E/f$E"
                "$PEER" verify "t$E" -d "to$E"
                test "$(ls | grep -vc -e home)" = 3
                "$PEER" leech "t$E" -d "new$E/deep$E" -e --listen 127.0.0.1:0
                cmp "from$E/d$E/f$E" "new$E/deep$E/d$E/f$E"
                """)
            #expect(made.status == .code(0), "\(made.log)")
            #expect(made.lines.contains { $0.contains(#"d\xe9  complete"#) }, "\(made.log)")
        }
    }

    @Test("Records lie in the folder that P2P_STATE_DIR, XDG_STATE_HOME or HOME names")
    func stateFolders() async throws {
        try await withStage { stage in
            let seeded = try await stage.shell(
                """
                echo content > f
                "$PEER" make f -q
                mkdir "state$E" "xdg$E" "home$E"
                seed() { "$@" "$PEER" seed f.torrent --seed-time 0s --listen 127.0.0.1:0; }
                seed env "P2P_STATE_DIR=$PWD/state$E"
                seed env "XDG_STATE_HOME=$PWD/xdg$E"
                seed env -u XDG_STATE_HOME "HOME=$PWD/home$E"
                ls "state$E"/*.resume "xdg$E"/p2p/*.resume "home$E"/.local/state/p2p/*.resume
                test "$(ls | wc -l)" = 5
                """)
            #expect(seeded.status == .code(0), "\(seeded.log)")
        }
    }

    @Test("Two folders that differ in a stray byte have a record each")
    func recordsApart() async throws {
        try await withStage { stage in
            let seeded = try await stage.shell(
                """
                mkdir "d$E" records
                echo content > f
                "$PEER" make f -q
                OTHER=$(printf '\\350')
                mkdir "d$OTHER"
                for folder in "d$E" "d$OTHER"; do
                    cp f "$folder"
                    P2P_STATE_DIR="$PWD/records" "$PEER" seed f.torrent -d "$folder" --seed-time 0s --listen 127.0.0.1:0
                done
                test "$(ls records/*.resume | wc -l)" = 2
                """)
            #expect(seeded.status == .code(0), "\(seeded.log)")
        }
    }

    @Test("The configuration file, and the paths in it, are bytes")
    func configuration() async throws {
        try await withStage { stage in
            let checked = try await stage.shell(
                """
                mkdir -p "d$E" "xdg$E/p2p" "home$E/.config/p2p"
                echo content > "d$E/f"
                "$PEER" make "d$E/f" -q
                printf '[verify]\\ndir = d%s\\n' "$E" > "conf$E"
                cp "conf$E" "xdg$E/p2p/config"
                cp "conf$E" "home$E/.config/p2p/config"
                P2P_CONFIG="conf$E" "$PEER" verify f.torrent
                XDG_CONFIG_HOME="$PWD/xdg$E" "$PEER" verify f.torrent
                env -u XDG_CONFIG_HOME "HOME=$PWD/home$E" "$PEER" verify f.torrent
                P2P_DIR="d$E" "$PEER" verify f.torrent
                ! P2P_CONFIG="gone$E" "$PEER" verify f.torrent
                """)
            #expect(checked.status == .code(0), "\(checked.log)")
            #expect(checked.errorLines.contains { $0.contains(#"gone\xe9"#) }, "\(checked.log)")
        }
    }

    @Test("The tracker keeps its state in the very file that is named")
    func trackerState() async throws {
        try await withStage { stage in
            let kept = try await stage.shell(
                """
                mkdir -p "dir$E"
                : > log
                "$TRACKER" --port 0 --bind 127.0.0.1 --state "dir$E/st$E" > log & tracker=$!
                tail -f log --pid $tracker | grep -q -m1 announce
                kill $tracker
                wait $tracker
                test -f "dir$E/st$E"
                test "$(ls | wc -l)" = 2
                """)
            #expect(kept.status == .code(0), "\(kept.log)")
        }
    }

    @Test("Each byte that a name can have goes to the disk and back, and none reaches the terminal raw")
    func everyByte() async throws {
        try await withStage { stage in
            let carried = try await stage.shell(
                #"""
                mkdir in
                for number in $(seq 1 255); do
                    test $number = 47 && continue
                    name=$(printf "%b" "\0$(printf %o $number)x"; echo .)
                    echo $number > "in/${name%.}"
                done
                test "$(ls -A in | tr '\n' '/' | wc -c)" -gt 500
                "$PEER" make in -q
                "$PEER" make in --dry-run
                "$PEER" show in.torrent
                "$PEER" verify in.torrent
                : > seeded
                "$PEER" seed in.torrent --listen 127.0.0.1:0 --json > seeded & seeder=$!
                trap 'kill $seeder' EXIT
                port=$(tail -f seeded --pid $seeder | sed -n -u '/"listening"/ { s/.*"port":\([0-9]*\).*/\1/p; q }')
                "$PEER" leech in.torrent -d out -e --listen 127.0.0.1:0 --peer "127.0.0.1:$port"
                diff -r in out/in
                "$PEER" show in.torrent --json
                """#)
            #expect(carried.status == .code(0), "\(carried.log)")
            let shown = carried.bytes + Array(carried.errorLines.joined().utf8)
            let text = try #require(String(validating: shown, as: UTF8.self))
            #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
            let paths = try Self.paths(carried.lines.last ?? "").map { Array($0.dropFirst(3)) }
            let names = (1...255).filter { $0 != 0x2F }.map { [UInt8($0), 0x78] }
            #expect(paths == names)
        }
    }

    /// The exact paths of the files in an object of `show --json`.
    private static func paths(_ line: String) throws -> [[UInt8]] {
        struct Shown: Decodable {
            struct File: Decodable {
                let path: String
                let pathBytes: String?
            }
            let files: [File]
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Shown.self, from: Data(line.utf8)).files.map { file in
            guard let hex = file.pathBytes.map({ Array($0) }) else { return Array(file.path.utf8) }
            return stride(from: 0, to: hex.count, by: 2).compactMap { UInt8(String(hex[$0...$0 + 1]), radix: 16) }
        }
    }

    @Test("JSON says the exact bytes beside a readable form")
    func json() async throws {
        try await withStage { stage in
            let said = try await stage.shell(
                """
                mkdir "d$E"
                echo a > "d$E/f$E"
                echo b > "d$E/plain"
                "$PEER" make "d$E" --json --no-date
                "$PEER" show "d$E.torrent" --json
                rm "d$E/f$E"
                "$PEER" verify "d$E.torrent" --json || true
                """)
            #expect(said.status == .code(0), "\(said.log)")
            let bytes = #""name":"d\\xe9","name_bytes":"64e9""#
            #expect(said.lines.count { $0.contains(bytes) } == 3, "\(said.log)")
            let file = #"{"path":"d\\xe9/f\\xe9","path_bytes":"64e92f66e9","length":2"#
            #expect(said.lines.count { $0.contains(file) } == 3, "\(said.log)")
            let torrent = #""torrent":"d\\xe9.torrent","torrent_bytes":"64e92e746f7272656e74""#
            #expect(said.lines.count { $0.contains(torrent) } == 1, "\(said.log)")
        }
    }
}
