import Glibc

extension String {
    /// Whether `word` stands anywhere in it: `contains`, but quick in debug builds, as these tests read all our code.
    func has(_ word: String) -> Bool {
        withCString { text in word.withCString { strstr(text, $0) != nil } }
    }

    /// The first of `words` that stands in it.
    func first(of words: [String]) -> String? { words.first { has($0) } }
}
