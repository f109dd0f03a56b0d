import Glibc

extension String {
    /// Whether `word` stands anywhere in it: `contains`, but quick in debug builds, as these tests read all our code.
    func has(_ word: String) -> Bool {
        var (text, word) = (self, word)
        return text.withUTF8 { text in
            word.withUTF8 { word in
                word.isEmpty || memmem(text.baseAddress, text.count, word.baseAddress, word.count) != nil
            }
        }
    }

    /// The first of `words` that stands in it.
    func first(of words: [String]) -> String? { words.first { has($0) } }
}
