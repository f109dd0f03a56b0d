import Foundation
import TestSupport
import Testing

/// Completion in the shells themselves, loaded as the README says.
@Suite struct CompletionTests {
    /// Under CI a shell that is missing is a failure.
    private static func has(_ shell: String) -> Bool {
        ProcessInfo.processInfo.environment["P2P_INTEROP"] == "required"
            || ["/bin", "/usr/bin", "/usr/local/bin"].contains {
                FileManager.default.isExecutableFile(atPath: "\($0)/\(shell)")
            }
    }

    private static let files = "mkdir 'my folder'; : > 'my film.torrent'; : > 'my notes.txt'; : > plain.torrent\n"

    private func words(_ script: String) async throws -> [String] {
        try await withStage { stage in
            let shell = try await stage.shell(
                Self.files + "PATH=\"$(dirname \"$PEER\"):$PATH\"; export PATH\n" + script)
            #expect(shell.status == .code(0), "\(shell.log)")
            return shell.lines
        }
    }

    @Test(arguments: [
        ("p2p-peer se", ["seed"]), ("p2p-peer seed my", ["my film.torrent", "my folder"]),
        ("p2p-peer seed --dir my", ["my folder"]), ("p2p-peer seed --upl", ["--upload-limit"]),
        ("p2p-peer make my", ["my film.torrent", "my folder", "my notes.txt"]),
        ("p2p-tracker --ext", ["--external-address"]),
    ])
    func bash(line: String, completions: [String]) async throws {
        let found = try await words(
            """
            bash -euc '
                # Says how names are to be quoted, which only a shell at a terminal takes.
                compopt() { :; }
                source <(p2p-peer completion bash)
                source <(p2p-tracker --completion bash)
                COMP_WORDS=(\(line)); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                function=${COMP_WORDS[0]/-/_}
                "_$function"
                printf "%s\\n" "${COMPREPLY[@]}"
            '
            """)
        #expect(found.sorted() == completions)
    }

    @Test(.enabled(if: has("fish"), "needs fish"))
    func fish() async throws {
        let found = try await words(
            """
            export HOME="$PWD"
            fish -c 'p2p-peer completion fish | source
                complete -C"p2p-peer se"; complete -C"p2p-peer seed --dir m"; complete -C"p2p-peer seed --upl"
                complete -C"p2p-peer seed my"'
            """)
        let names = found.map { $0.prefix { $0 != "\t" } }
        #expect(names.prefix(3) == ["seed", "my folder/", "--upload-limit"])
        #expect(names.dropFirst(3).contains("my film.torrent") && names.dropFirst(3).contains("my folder/"))
    }

    /// A zsh at a terminal of its own, and the key that completes.
    @Test(.enabled(if: has("zsh"), "needs zsh"))
    func zsh() async throws {
        let found = try await words(
            """
            export HOME="$PWD"
            cat > keys <<'END'
            zmodload zsh/zpty
            zpty shell zsh -f -i
            zpty -w shell 'PROMPT=""; source <(p2p-peer completion zsh); print -r LOADED'
            zpty -r -m shell out '*LOADED*LOADED*'
            for line in 'p2p-peer seed --upl:*seed --upload-limit*' 'p2p-peer seed pl:*seed plain.torrent*' \
                'p2p-peer verify --dir my:*--dir my\\\\ folder*'
            do
                zpty -w -n shell $'\\C-u'${line%%:*}$'\\t'
                zpty -r -m shell out ${line#*:} && print -r -- ${line%%:*}
            done
            END
            zsh -f keys
            """)
        #expect(found == ["p2p-peer seed --upl", "p2p-peer seed pl", "p2p-peer verify --dir my"])
    }
}
