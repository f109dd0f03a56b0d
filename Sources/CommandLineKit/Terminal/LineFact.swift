/// One fact on a line that may be too narrow for all of them, with shorter forms of it.
package struct LineFact: Sendable, Equatable {
    /// From the longest to the shortest, each with what is lost when it is given up.
    private let forms: [Form]

    private struct Form: Sendable, Equatable {
        let text: TerminalText
        let worth: Int
    }

    /// The greater `worth`, the later it is dropped, compared with the other facts of its line.
    package init(_ text: TerminalText, worth: Int) {
        forms = [Form(text: text, worth: worth)]
    }

    private init(forms: [Form]) {
        self.forms = forms
    }

    /// The same, with the shorter `text` before it is dropped.
    package func orShorter(_ text: TerminalText, worth: Int) -> LineFact {
        LineFact(forms: forms + [Form(text: text, worth: worth)])
    }

    /// As many of `facts` as fit into `width` columns, in their order, two spaces before each: the ones of least worth
    /// are shortened or dropped first, and nothing is cut.
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
