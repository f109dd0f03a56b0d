/// Finds the name that somebody probably meant.
package enum EditDistance {
    /// Insertions, deletions, substitutions and swaps of neighbours that lead from one to the other (optimal string
    /// alignment).
    static func between(_ left: String, _ right: String) -> Int {
        let left = Array(left.lowercased())
        let right = Array(right.lowercased())
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 0..<left.count {
            var current = [row + 1]
            for column in 0..<right.count {
                let substitution = last[column] + (left[row] == right[column] ? 0 : 1)
                var best = min(last[column + 1] + 1, current[column] + 1, substitution)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }

    /// The closest of `names` if it is close enough to be meant, or the only one that begins like `word`.
    package static func closest(to word: String, among names: [String]) -> String? {
        let limit = max(1, min(3, word.count / 3))
        let ranked = names.map { (name: $0, distance: between(word, $0)) }
        if let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= limit { return best.name }
        let beginnings = names.filter { word.count >= 2 && $0.hasPrefix(word) }
        return beginnings.count == 1 ? beginnings[0] : nil
    }
}
