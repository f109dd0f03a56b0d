import TestSupport
import Testing

/// What is a separator, and which names are equal, is a matter of bytes, not of what a reader takes for one character.
@Suite("marks, joiners and equal-looking names")
struct NameBoundaryTests {
    @Test("A name may begin with a combining mark or a joiner, wherever a path is given")
    func leadingMarks() async throws {
        try await withStage { stage in
            let made = try await stage.shell(
                """
                JOINER=$(printf '\\342\\200\\215')
                mkdir -p "in/$ACUTE" out
                echo a > "in/${ACUTE}x"
                "$PEER" make "in/${ACUTE}x" -q
                grep -aq "4:name3:${ACUTE}x" "${ACUTE}x.torrent"
                echo b > "in/$ACUTE/${JOINER}y"
                "$PEER" make "in/$ACUTE/" -o "out/${JOINER}t" -q
                grep -aq "4:name2:${ACUTE}" "out/${JOINER}t"
                "$PEER" verify "out/${JOINER}t" -d in
                "$PEER" make in --exclude "$ACUTE/${JOINER}*" --dry-run --json
                "$PEER" make in -o out/ -n "${ACUTE}n" -q
                test -f "out/${ACUTE}n.torrent"
                """)
            #expect(made.status == .code(0), "\(made.log)")
            let planned = made.lines.last { $0.contains("\"files\"") } ?? ""
            #expect(planned.contains("\"path\":\"\u{301}x\"") && !planned.contains("\u{200D}y"), "\(made.log)")
        }
    }

    @Test("leech makes folders whose names begin with a mark")
    func foldersWithMarks() async throws {
        try await withStage { stage in
            let made = try await stage.shell(
                """
                files='d6:lengthi0e4:pathl5:emptyee'
                printf 'd4:infod5:filesl%se4:name2:in12:piece lengthi16384e6:pieces0:ee' $files > in.torrent
                "$PEER" leech in.torrent -d "$PWD/$ACUTE/${ACUTE}b" -e --listen 127.0.0.1:0
                test -f "$ACUTE/${ACUTE}b/in/empty"
                test "$(ls -d * | grep -vc home)" = 2
                """)
            #expect(made.status == .code(0), "\(made.log)")
        }
    }

    @Test("Two spellings of one letter are two files, two folders, two settings")
    func spellings() async throws {
        try await withStage { stage in
            let made = try await stage.shell(
                """
                COMPOSED=$(printf '\\303\\251')
                mkdir in "$COMPOSED" "e$ACUTE"
                echo a > "in/$COMPOSED"
                echo b > "in/e$ACUTE"
                "$PEER" make in -q
                "$PEER" show in.torrent
                "$PEER" verify in.torrent
                "$PEER" make in --exclude "$COMPOSED" -o one -q
                grep -aq "4:pathl3:e${ACUTE}e" one
                ! grep -aq "4:pathl2:$COMPOSED" one
                ! "$PEER" verify in.torrent -d "$COMPOSED" -d "e$ACUTE"
                """)
            #expect(made.status == .code(0), "\(made.log)")
            #expect(made.lines.contains { $0.contains("2 files") }, "\(made.log)")
            #expect(made.errorLines.contains { $0.contains("--dir was given twice") }, "\(made.log)")
        }
    }

    @Test("A mark that follows an option's dashes, equals sign or quotes changes nothing about them")
    func optionsWithMarks() async throws {
        try await withStage { stage in
            let made = try await stage.shell(
                """
                mkdir "$ACUTE"
                echo a > "$ACUTE/f"
                "$PEER" make "$ACUTE/f" -q
                "$PEER" verify f.torrent "--dir=$ACUTE"
                "$PEER" verify f.torrent "-d$ACUTE"
                printf '[verify]\\ndir =%s\\n' "$ACUTE" > conf
                P2P_CONFIG=conf "$PEER" verify f.torrent
                printf '[verify]\\ndir = "%s"\\n' "$ACUTE" > conf
                P2P_CONFIG=conf "$PEER" verify f.torrent
                printf '[verify]\\r\\ndir = %s\\r\\n' "$ACUTE" > conf
                P2P_CONFIG=conf "$PEER" verify f.torrent
                """)
            #expect(made.status == .code(0), "\(made.log)")
            let refused = try await stage.shell(#"exec "$PEER" show "-${ACUTE}x""#)
            #expect(refused.status == .code(2), "\(refused.log)")
            #expect(refused.errorLines.contains { $0.contains("unknown option") }, "\(refused.log)")
        }
    }
}
