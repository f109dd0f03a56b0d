internal import ByteStrings
internal import CommandLineKit
internal import PeerRuntime
internal import Synchronization

/// Where lines that are redrawn go: to the prompt, once there is one.
final class ConsoleScreen: Sendable {
    private let shown = Mutex<Prompt?>(nil)

    var prompt: Prompt? {
        get { shown.withLock(\.self) }
        set { shown.withLock { $0 = newValue } }
    }

    @Sendable func show(_ lines: [TerminalText]) { prompt?.showProgress(lines) }
}

/// Names that the prompt completes, for its thread.
struct ConsoleNames: Sendable {
    private let torrents: ConsoleTorrents
    private let offers: Offers
    private let home: ByteString?

    init(_ console: Console) {
        torrents = console.torrents
        offers = console.trackers.offers
        home = console.home
    }

    @Sendable func completions(of line: ByteString, _ question: ConsoleCompletion.Kind?) -> Completions {
        let completion = ConsoleCompletion(
            verbs: Console.verbs.map(\.spec.name), ours: torrents.all.map { ($0.number, ByteString($0.status.name)) },
            offered: offers.all, home: home)
        if let question { return completion.completions(ofAnswer: line, question) }
        return completion.completions(of: line) { word, place in
            guard let verb = try? Verb.find(word, among: Console.verbs) else { return .free }
            return place < verb.completes.count ? verb.completes[place] : verb.completes.last ?? .free
        }
    }
}

/// What a tracker's list has shown last.
final class Offers: Sendable {
    private let state = Mutex<[(number: Int, name: ByteString)]>([])

    var all: [(number: Int, name: ByteString)] {
        get { state.withLock(\.self) }
        set { state.withLock { $0 = newValue } }
    }
}
