package import ByteStrings

/// What the word before the cursor may become.
package struct Completions: Sendable, Equatable {
    /// The byte of the line at which the word begins.
    let start: Int
    let candidates: [Candidate]

    /// One of several.
    package struct Candidate: Sendable, Equatable {
        /// The whole word, as it is meant: without quotes.
        let word: ByteString
        /// In the list of candidates.
        let shown: TerminalText
        /// False for a folder, behind which more is to come.
        let isWhole: Bool

        /// It is shown as it is unless `shown` says otherwise.
        package init(_ word: ByteString, shown: TerminalText? = nil, isWhole: Bool = true) {
            self.word = word
            self.shown = shown ?? "\(word)"
            self.isWhole = isWhole
        }
    }

    /// Most candidates that are listed.
    static let mostListed = 60

    package init(start: Int, _ candidates: [Candidate]) {
        self.start = start
        self.candidates = candidates
    }

    /// Without those that nobody types: in a name of strangers, a line break would begin another command.
    var typable: Completions {
        Completions(start: start, candidates.filter { $0.word.bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F } })
    }

    /// What all of them begin with, up to a whole character.
    var common: ByteString {
        guard var common = candidates.first?.word.bytes else { return ByteString([]) }
        for candidate in candidates.dropFirst() {
            var length = 0
            for (mine, its) in zip(common, candidate.word.bytes) {
                guard mine == its else { break }
                length += 1
            }
            common = Array(common.prefix(length))
        }
        guard candidates.count > 1 else { return ByteString(common) }
        var end = 0
        while end < common.count {
            let element = UTF8Element(in: common, at: end)
            // A stray byte may be the start of a character that differs further on.
            guard element.scalar != nil else { break }
            end += element.length
        }
        return ByteString(common.prefix(end))
    }

    /// A line for each of the first ones.
    var list: [TerminalText] {
        let lines = candidates.prefix(Self.mostListed).map { "  " + $0.shown }
        let more = candidates.count - lines.count
        return more > 0 ? lines + ["  and \(more) more"] : lines
    }
}
