import TorrentCore

/// Our questions (BEP 5): which are open, how long answers take, and how fast we may ask.
struct Asking {
    /// Who asks us something is asked back, so many a second and at once: nobody can make us ask more.
    static let newcomersASecond = 2
    /// See `newcomersASecond`.
    static let newcomersAtOnce = 16
    /// An address that we have heard from within so many seconds costs nothing: the router still knows it.
    static let familiarFor: TableSecond = 60
    /// We take it that we are cut off when so many questions in a row had no answer for so long.
    static let silenceInARow = 16
    static let longSilence = Duration.seconds(30)
    /// Silence tells nothing of a node, unless somebody answered since so long before it was asked.
    static let proofOfNetwork = Duration.seconds(10)

    var questions: OpenQuestions
    var roundTrips = RoundTrips()
    /// How many addresses may be asked that we have not just heard from, of which BEP 5 says nothing: routers at home
    /// keep a note of each.
    var pace: Allowance
    var newcomers = Allowance(aSecond: Self.newcomersASecond, atOnce: Self.newcomersAtOnce)
    private(set) var lastAnswer: Moment?
    /// Somebody has, in this run.
    private(set) var wasAnswered = false
    private var silentInARow = 0

    init(_ limits: DHTLimits, seed: UInt64) {
        questions = OpenQuestions(seed: seed)
        pace = Allowance(aSecond: limits.newAddressesASecond, atOnce: limits.newAddressesAtOnce)
    }

    /// How long one took.
    mutating func answered(_ question: OpenQuestions.Question, at now: Moment) -> Duration {
        let took = now - question.sentAt
        roundTrips.add(took)
        lastAnswer = now
        wasAnswered = true
        silentInARow = 0
        return took
    }

    /// Whether the silence is the node's fault, as far as we can tell.
    mutating func isSilent(_ question: OpenQuestions.Question) -> Bool {
        silentInARow += 1
        guard let lastAnswer else { return false }
        return lastAnswer + Self.proofOfNetwork >= question.sentAt
    }

    /// Somebody was silent, and nobody has answered since: nobody knows yet whose fault that is.
    var needsWitness: Bool { lastAnswer != nil && silentInARow > 0 }

    /// Nobody answers any more.
    func isCutOff(at now: Moment) -> Bool {
        guard let lastAnswer else { return false }
        return silentInARow >= Self.silenceInARow && now - lastAnswer >= Self.longSilence
    }

    /// Whatever was true of the network before.
    mutating func isElsewhere() {
        lastAnswer = nil
        silentInARow = 0
    }
}
