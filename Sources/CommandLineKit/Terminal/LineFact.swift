/// One fact on a line that may become too narrow for all of them: how it is said, and how it is said in less room.
package struct LineFact: Sendable, Equatable {
    /// From the longest to the shortest, each with what is lost when it is given up.
    private let forms: [Form]

    private struct Form: Sendable, Equatable {
        let text: TerminalText
        let worth: Int
    }

    /// `worth` says how late it is given up, beside the other facts of its line.
    package init(_ text: TerminalText, worth: Int) {
        forms = [Form(text: text, worth: worth)]
    }

    private init(forms: [Form]) {
        self.forms = forms
    }

    /// The same, said as `text` before it is given up.
    package func orShorter(_ text: TerminalText, worth: Int) -> LineFact {
        LineFact(forms: forms + [Form(text: text, worth: worth)])
    }

    /// As many of `facts` as `width` columns hold, in their order, two blanks before each: what is worth least is
    /// shortened or left out first, and nothing is cut.
    package static func fitting(_ facts: [LineFact], in width: Int) -> [TerminalText] {
        var left = facts.map { $0.forms[...] }
        func columns() -> Int { left.reduce(0) { $0 + ($1.first.map { 2 + $0.text.columns } ?? 0) } }
        func worth(_ position: Int) -> Int { left[position].first?.worth ?? .max }
        while columns() > max(0, width), let least = left.indices.min(by: { worth($0) < worth($1) }) {
            left[least].removeFirst()
        }
        return left.compactMap { $0.first?.text }
    }
}
