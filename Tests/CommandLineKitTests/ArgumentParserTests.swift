import ByteStrings
import Testing

@testable import CommandLineKit

/// A small command to try the parser on.
private let level = Option("level", short: "l", value: "N", help: "a level")
private let tag = Option("tag", short: "t", value: "TAG", repeatable: true, help: "a tag")
private let all = Option("all", short: "a", help: "all of it")
private let spec = CommandSpec(
    "work", summary: "Works.", arguments: [.init("PATH", help: "a path")], options: [level, tag, all])

private func parse(
    _ arguments: [ByteString], of spec: CommandSpec = spec, settings: Settings = Settings()
) throws(CommandError) -> ParsedArguments {
    try ArgumentParser(command: spec, callName: "tool work", arguments: arguments).parsed(settings: settings)
}

extension ParsedArguments {
    private static var asWritten: ValueParser<ByteString> { ValueParser(expected: "anything", bytes: { $0 }) }

    fileprivate func bytes(_ option: Option) throws(CommandError) -> ByteString? { try value(option, Self.asWritten) }

    fileprivate func allBytes(_ option: Option) throws(CommandError) -> [ByteString] {
        try values(option, Self.asWritten)
    }
}

@Suite struct ArgumentParserTests {
    @Test(
        arguments: [
            ["--level=7", "p"], ["--level", "7", "p"], ["-l7", "p"], ["-l", "7", "p"], ["-l=7", "p"], ["p", "-l", "7"],
            ["-al7", "p"], ["-l7", "--", "p"],
        ] as [[ByteString]])
    func readsAValueInEachForm(_ arguments: [ByteString]) throws {
        let parsed = try parse(arguments)
        #expect(try parsed.bytes(level) == "7")
        #expect(parsed.positionals == ["p"])
    }

    @Test func groupsShortFlags() throws {
        let parsed = try parse(["-avvq", "p"])
        #expect(parsed.has(all) && parsed.has(CommonOptions.quiet))
        #expect(parsed.count(of: CommonOptions.verbose) == 2)
    }

    @Test func repeatsInOrder() throws {
        #expect(try parse(["-tb", "p", "--tag=a", "--tag", ""]).allBytes(tag) == ["b", "a", ""])
    }

    @Test func takesEverythingAfterTwoDashesAsItIs() throws {
        #expect(try parse(["--", "--level"]).positionals == ["--level"])
    }

    @Test func takesADashAndNegativeNumbersAsArguments() throws {
        #expect(try parse(["-"]).positionals == ["-"])
        #expect(try parse(["-5"]).positionals == ["-5"])
        #expect(try parse(["p", "-l", "-5"]).bytes(level) == "-5")
    }

    @Test(
        arguments: [
            (["--levle=1", "p"], "did you mean --level?"), (["--lev", "1", "p"], "did you mean --level?"),
            (["-level", "p", "x"], "one too many"), (["-x", "p"], "unknown option -x"),
            (["-verbose", "p"], "unknown option -e; did you mean --verbose?"),
            (["--all=1", "p"], "--all takes no value"), (["p", "--level"], "--level needs a value"),
            (["--level", "--all", "p"], "--level needs a value"), (["-l", "-a", "p"], "--level needs a value"),
            ([], "PATH is missing"), (["p", "q"], "\"q\" is one too many"),
            (["-l1", "-l2", "p"], "--level was given twice, with \"1\" and \"2\""),
        ] as [([ByteString], String)])
    func saysWhatIsWrong(_ arguments: [ByteString], _ words: String) {
        let error = #expect(throws: CommandError.self) { try parse(arguments) }
        #expect(error?.exitCode == .usage)
        #expect(error?.message.plain.contains(words) == true, "\(error?.message.plain ?? "")")
    }

    @Test func helpNeedsNoArguments() throws {
        #expect(try parse(["-h"]).has(CommonOptions.help))
    }

    @Test func aWrongValueIsNamedWithItsPlace() throws {
        let file = try ConfigFile(path: "conf", contents: "\n[work]\nlevel = many")
        let parsed = try parse(["p"], settings: Settings(file: file))
        let error = #expect(throws: CommandError.self) { try parsed.value(level, .integer(1...9)) }
        #expect(error?.message.plain == "level in conf, line 3: \"many\" is not a whole number from 1 to 9")
    }
}

@Suite struct SettingsTests {
    private static let file: ByteString = "level = 1\ntag = x\ntag = y\n# level = 9\n[other]\nlevel = 8\nstrange = 1\n"

    @Test func theCommandLineRulesThenTheEnvironmentThenTheFile() throws {
        let file = try ConfigFile(path: "conf", contents: Self.file)
        let both = Settings(environment: ["P2P_LEVEL": "2"], file: file)
        #expect(try parse(["p", "-l3"], settings: both).bytes(level) == "3")
        #expect(try parse(["p"], settings: both).bytes(level) == "2")
        #expect(try parse(["p"], settings: Settings(file: file)).bytes(level) == "1")
        #expect(try parse(["p"]).bytes(level) == nil)
    }

    @Test func aFileBeforeAnotherCountsWhereItSaysSomething() throws {
        let user = try ConfigFile(path: "user", contents: "level = 1\ntag = x\ntag = y\n")
        let own = try ConfigFile(path: "own", contents: "[work]\nlevel = many\n")
        let both = Settings(environment: ["P2P_TAG": "z"], file: user).before(own)
        let parsed = try parse(["p"], settings: both)
        #expect(try parsed.allBytes(tag) == ["z"])
        #expect(try parsed.bytes(level) == "many")
        #expect(try parse(["p"], settings: Settings(file: user).before(own)).allBytes(tag) == ["x", "y"])
        let error = #expect(throws: CommandError.self) { try parsed.value(level, .integer(1...9)) }
        #expect(error?.message.plain.contains("level in own, line 2") == true)
    }

    @Test func aByteOrderMarkAndLineEndsOfDOSSayNothing() throws {
        let file = try ConfigFile(path: "conf", contents: "\u{FEFF}level = 4\r\n[other]\r\nlevel = 8\r\n")
        #expect(try parse(["p"], settings: Settings(file: file)).bytes(level) == "4")
    }

    @Test func aMarkAfterADelimiterIsPartOfWhatFollows() throws {
        let mark = "\u{301}"
        #expect(try parse(["p", "--level=\(ByteString(mark))"]).bytes(level) == ByteString(mark))
        let file = try ConfigFile(path: "conf", contents: "tag =\(mark)a\ntag = \"\(mark)b\"\n#\(mark)\n\(mark)=1")
        #expect(try parse(["p"], settings: Settings(file: file)).allBytes(tag) == ["\(mark)a", "\(mark)b"])
    }

    @Test func itsOwnSectionComesBeforeTheCommonOne() throws {
        let file = try ConfigFile(path: "conf", contents: Self.file + "[work]\nlevel=\"4\"\nall\n")
        let parsed = try parse(["p"], settings: Settings(file: file))
        #expect(try parsed.bytes(level) == "4")
        #expect(parsed.has(all))
        #expect(try parsed.allBytes(tag) == ["x", "y"])
    }

    @Test(
        arguments: [("1", true), ("yes", true), ("0", false), ("no", false), ("", false), ("off", false)]
            as [(ByteString, Bool)])
    func aFlagCanBeOffInTheEnvironment(_ text: ByteString, _ isOn: Bool) throws {
        #expect(try parse(["p"], settings: Settings(environment: ["P2P_ALL": text])).has(all) == isOn)
    }

    @Test func aListInAVariableIsSetApartByBlanks() throws {
        #expect(try parse(["p"], settings: Settings(environment: ["P2P_TAG": "a b"])).allBytes(tag) == ["a", "b"])
    }

    @Test func helpIsNoSetting() throws {
        #expect(try !parse(["p"], settings: Settings(environment: ["P2P_HELP": "1"])).has(CommonOptions.help))
    }

    @Test func anUnknownNameInItsOwnSectionIsAMistake() throws {
        let check = SettingCheck(commands: [spec], others: .none)
        let own = try ConfigFile(path: "conf", contents: "[work]\nlevle = 1")
        let error = #expect(throws: CommandError.self) { try check.check(own) }
        #expect(error?.message.plain == "conf, line 2: work has no setting \"levle\"; did you mean level?")
        try check.check(try ConfigFile(path: "conf", contents: "level = 1\n[work]\nlevel = 2\n"))
    }

    @Test(arguments: ["[work", "= 1"])
    func refusesABrokenFile(_ text: String) {
        #expect(throws: CommandError.self) { try ConfigFile(path: "conf", contents: ByteString(text)) }
    }

    @Test func theFileIsLookedForInItsPlaces() {
        #expect(ConfigFile.location(["P2P_CONFIG": "a", "HOME": "/h"])?.path == "a")
        #expect(ConfigFile.location(["XDG_CONFIG_HOME": "/x", "HOME": "/h"])?.path == "/x/p2p/config")
        #expect(ConfigFile.location(["HOME": "/h"])?.path == "/h/.config/p2p/config")
        #expect(ConfigFile.location(["P2P_CONFIG": "", "HOME": "/h"]) == nil)
        #expect(ConfigFile.location([:]) == nil)
    }
}

@Suite struct EditDistanceTests {
    @Test(arguments: [("", "", 0), ("a", "", 1), ("abc", "abc", 0), ("abc", "acb", 1), ("kitten", "sitting", 3)])
    func counts(_ left: String, _ right: String, _ distance: Int) {
        #expect(EditDistance.between(left, right) == distance)
        #expect(EditDistance.between(right, left) == distance)
    }

    @Test func offersOnlyWhatIsClose() {
        #expect(EditDistance.closest(to: "sed", among: ["seed", "leech"]) == "seed")
        #expect(EditDistance.closest(to: "zzz", among: ["seed", "leech"]) == nil)
        #expect(EditDistance.closest(to: "down", among: ["download", "leech"]) == "download")
    }
}
