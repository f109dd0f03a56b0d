internal import ByteStrings
internal import CommandLineKit
internal import TorrentCore

// The console itself.
extension Console {
    /// In the order in which help lists them.
    static let verbs: [Verb] = [
        upload, list, download, status, peers, pieces, pause, resume, remove, limit, wait, seed, publish, unpublish,
        make, tracker,
        use, menu, help, quit,
    ]

    static let help = Verb(
        CommandSpec(
            verb: "help", aliases: ["?"], summary: "Explains the commands, or one of them.",
            arguments: [.init("VERB", .optional, help: "the command")]),
        completes: [.verb]
    ) { console, arguments throws(CommandError) in
        if let word = arguments.positionals.first {
            let verb = try Verb.find(word, among: verbs)
            return console.output.page(verb.spec.verbPage(width: console.output.pageWidth))
        }
        var table = Table(indent: 2)
        for verb in verbs { table.add("\(verb.spec.name, .bold)", "\(verb.spec.summary)") }
        console.output.result(table.lines)
        console.output.result("A beginning of a name will do; help VERB explains one.")
    }

    static let quit = Verb(
        CommandSpec(
            verb: "exit", aliases: ["quit", "bye"],
            summary: "Ends it in good order: frees the ports, leaves every list.")
    ) { console, _ throws(CommandError) in
        console.hasLeft = true
    }

    static let tracker = Verb(
        CommandSpec(
            verb: "tracker", summary: "Runs a tracker here, with a list of what is uploaded to it.",
            arguments: [.init("[ADDR:]PORT", .optional, help: "where; 6969 unless it is named, 0 for any")])
    ) { console, arguments throws(CommandError) in
        let word = arguments.positionals.first ?? "6969"
        guard let place = ValueParser<HostPort>.listen.parse(word) else {
            throw CommandError(.usage, "\"\(word)\" is not \(ValueParser<HostPort>.listen.expected)")
        }
        try console.trackers.start(at: place, arguments, console.output)
        console.joinOwnTracker()
        try console.introduce()
    }

    static let use = Verb(
        CommandSpec(
            verb: "use", summary: "Names the tracker whose list is used from now on.",
            arguments: [.init("URL", help: "of the tracker, like http://192.168.1.7:6969")],
            options: [PublishToken.ofUse])
    ) { console, arguments throws(CommandError) in
        let token = try PublishToken.ofFile(arguments, console.output)
        console.say("\(try console.use(arguments.positionals[0], token: token)) is in use")
    }

    /// What stands above the first prompt.
    func greet() {
        guard !output.isJSON, !output.isQuiet else { return }
        output.message("help lists the commands, menu shows them by numbers, exit ends it.")
    }

    // MARK: The menu

    private static let choices: [(String, String)] = [
        ("1", "upload a file"), ("2", "list what the tracker offers"), ("3", "download"), ("4", "status"),
        ("5", "peers"), ("6", "limit"), ("0", "exit"),
    ]

    static let menu = Verb(
        CommandSpec(
            verb: "menu", summary: "Shows a numbered menu and asks for what it needs.",
            details: ["A number picks; any other command is carried out and ends the menu, as Ctrl-C does."])
    ) { console, _ throws(CommandError) in
        while !console.hasLeft {
            if !console.output.isJSON {
                for (number, text) in choices { console.output.result("  \(number, .bold)  \(text)") }
            }
            let verbs = ConsoleCompletion.Kind.verb
            guard let line = try console.askForLine("number: ", for: verbs) else { return }
            let answer = CommandWords.answer(line)
            guard answer.bytes.allSatisfy({ 0x30...0x39 ~= $0 }) else { return try console.carryOut(line) }
            do throws(CommandError) {
                if !answer.isEmpty { try console.choose(answer) }
            } catch {
                try console.forgive(error)
            }
        }
    }

    /// What is answered here is a name, whatever it looks like: none of it is read as a command.
    private func choose(_ number: ByteString) throws(CommandError) {
        switch number {
        case "1":
            guard let answer = try ask("path of the file or folder: ", for: .file) else { return }
            try upload(path(answer))
        case "2": try list()
        case "3":
            try list()
            guard !trackers.offers.all.isEmpty, let what = try ask("number or name: ", for: .offered) else { return }
            try downloadOfList(what)
        case "4": sayStatus()
        case "5": try sayPeers(of: nil)
        case "6":
            guard let direction = try ask("up or down: ", for: .words(["up", "down"])),
                let rate = try ask("bytes a second (500K, 2M; 0 is none): ", for: .free)
            else { return }
            try setLimit(direction, rate, nil)
        case "0": hasLeft = true
        default: throw CommandError(.usage, "\(number) is none of the menu")
        }
    }
}
