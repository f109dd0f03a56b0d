import ByteStrings
import Testing

@testable import CommandLineKit

@Suite struct CommandProgramTests {
    private static let level = Option(
        "level", short: "l", value: "N", default: "3", completion: .words(["1", "2"]), help: "a level 'so' [high]")
    private static let work = CommandProgram.Command(
        CommandSpec(
            "work", aliases: ["labour"], summary: "Works.",
            arguments: [.init("PATH", .oneOrMore, completion: .fileEnding("torrent"), help: "what to work on")],
            options: [level], examples: [.init("tool work -l 2 a", "works a little")])
    ) { arguments, output throws(CommandError) in
        let level = try arguments.value(level, .integer(0...9)) ?? 3
        output.result("level \(level) on \(arguments.positionals.map(\.description).joined(separator: "+"))")
        return level == 9 ? .unfinished : .success
    }
    private let program = CommandProgram(name: "tool", version: "1.2", summary: "A tool.", commands: [work])

    private func run(_ arguments: ByteString..., environment: [ByteString: ByteString] = [:]) -> (ExitCode, OutputProbe)
    {
        let probe = OutputProbe()
        let code = program.run(arguments, environment: environment) { _, verbosity, isJSON in
            probe.output(verbosity: verbosity, isJSON: isJSON)
        }
        return (code, probe)
    }

    @Test func runsACommandByNameAndAlias() {
        #expect(run("work", "a", "b").1.out == "level 3 on a+b\n")
        #expect(run("labour", "-l9", "a").0 == .unfinished)
        #expect(run("--json", "work", "a").0 == .success)
        #expect(run("work", "a", environment: ["P2P_LEVEL": "5"]).1.out == "level 5 on a\n")
    }

    @Test(
        arguments: [
            (["wrok"], "\"wrok\" is no command; did you mean work?"), ([], "a command is missing"),
            (["work"], "PATH is missing"), (["--nonsense"], "\"--nonsense\" is no command"),
            (["work", "a", "-l", "many"], "--level: \"many\" is not a whole number from 0 to 9"),
        ] as [([ByteString], String)])
    func endsAWrongLineWithUsage(_ arguments: [ByteString], _ words: String) {
        let probe = OutputProbe()
        let code = program.run(arguments, environment: [:]) { _, _, _ in probe.output() }
        #expect(code == .usage)
        #expect(probe.error.contains(words))
        #expect(probe.error.split(separator: "\n").count == 1)
        #expect(probe.out == "")
    }

    @Test func aNamedConfigurationMustBeThere() {
        let (code, probe) = run("work", "a", environment: ["P2P_CONFIG": "/nonexistent/config"])
        #expect(code == .notFound)
        #expect(probe.error.contains("/nonexistent/config"))
    }

    @Test func helpNamesEverythingWithinEightyColumns() {
        for page in [run("work", "--help").1.out, run("--help").1.out, run("work", "-l9", "-h").1.out] {
            #expect(page.split(separator: "\n").allSatisfy { $0.count <= 80 })
        }
        let page = run("work", "-h").1.out
        for word in [
            "tool work [options] PATH...", "-l, --level N", "[3]", "labour", "works a little", "2  the command",
        ] {
            #expect(page.contains(word), "\(word)")
        }
    }

    @Test func saysItsVersion() {
        #expect(run("--version").1.out == "tool 1.2\n")
        #expect(run("work", "-V").1.out == "tool 1.2\n")
    }

    @Test func completionAndManualKnowEachOption() {
        for shell in CompletionScript.allCases {
            let script = run("--completion", ByteString(shell.rawValue)).1.out
            #expect(script.contains("level") && script.contains("labour") && script.contains("torrent"))
        }
        #expect(run("--completion", "tcsh").0 == .usage)
        #expect(run("--man").1.out.contains(".B \\-l, \\-\\-level N"))
    }

    @Test func aSingleCommandNeedsNoName() {
        let single = CommandProgram(name: "tool", version: "1", command: Self.work)
        let probe = OutputProbe()
        #expect(single.run(["-l2", "x"], environment: [:]) { _, _, _ in probe.output() } == .success)
        #expect(single.run(["--help"], environment: [:]) { _, _, _ in probe.output() } == .success)
        #expect(probe.out.hasPrefix("level 2 on x\nWorks.\n\nUsage: tool [options] PATH...\n"))
    }
}
