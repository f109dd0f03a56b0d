internal import ByteStrings
internal import CommandLineKit
internal import Glibc

/// What a word of the console may become.
struct ConsoleCompletion {
    /// What is to be typed at a place.
    enum Kind: Sendable, Equatable {
        /// Nothing that can be known.
        case free
        case file
        case folder
        case torrentFile
        /// One of these.
        case words([String])
        /// A torrent of this console, by number or name.
        case ours
        /// What a tracker's list has shown, by number or name; or a .torrent file.
        case offered
        case verb
    }

    /// Names of a folder that are looked at.
    private static let mostNames = 5_000

    let verbs: [String]
    let ours: [(number: Int, name: ByteString)]
    let offered: [(number: Int, name: ByteString)]
    let home: ByteString?

    /// For the last word of `line`, where `kind` says what belongs at a place behind a verb.
    func completions(of line: ByteString, kind: (_ verb: ByteString, _ place: Int) -> Kind) -> Completions {
        let (words, start) = CommandWords.unfinished(line)
        let word = words.last ?? ""
        let wanted: Kind = words.count == 1 ? .verb : kind(words[0], words.count - 2)
        return Completions(start: start, candidates(wanted, word))
    }

    /// For the answer to a question, which is one name, with quotes or without.
    func completions(ofAnswer line: ByteString, _ kind: Kind) -> Completions {
        Completions(start: 0, candidates(kind, CommandWords.answer(line)))
    }

    private func candidates(_ kind: Kind, _ word: ByteString) -> [Completions.Candidate] {
        switch kind {
        case .free: []
        case .verb: among(verbs, word)
        case .words(let words): among(words, word)
        case .ours: torrents(ours, word)
        case .offered: torrents(offered, word) + paths(word) { _ in true }
        case .file: paths(word) { _ in true }
        case .folder: paths(word) { _ in false }
        case .torrentFile: paths(word) { $0.bytes.suffix(8).elementsEqual(".torrent".utf8) }
        }
    }

    private func among(_ words: [String], _ word: ByteString) -> [Completions.Candidate] {
        words.map { ByteString($0) }.filter { $0.bytes.starts(with: word.bytes) }.map { .init($0) }
    }

    private func torrents(_ all: [(number: Int, name: ByteString)], _ word: ByteString) -> [Completions.Candidate] {
        let byNumber = all.filter { "\($0.number)".utf8.starts(with: word.bytes) }
        if !byNumber.isEmpty {
            return byNumber.map { .init(ByteString("\($0.number)"), shown: "\($0.number)  \($0.name)") }
        }
        return all.filter { $0.name.bytes.starts(with: word.bytes) }.map { .init($0.name) }
    }

    /// Folders, and the files that `isWanted`.
    private func paths(_ word: ByteString, _ isWanted: (ByteString) -> Bool) -> [Completions.Candidate] {
        let slash = word.bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        let (folder, start) = (ByteString(word.bytes[..<slash]), ByteString(word.bytes[slash...]))
        let place = folder.isEmpty ? "." : HomePath.expanded(folder, home: home)
        var found: [Completions.Candidate] = []
        for name in Self.names(in: place) where name.bytes.starts(with: start.bytes) {
            // Hidden ones only for whoever types the dot.
            guard !name.hasPrefix(".") || start.hasPrefix(".") else { continue }
            let isFolder = FileStatus.isFolder(place.appending(name))
            guard isFolder || isWanted(name) else { continue }
            found.append(
                .init(
                    folder + name + (isFolder ? "/" : ""), shown: isFolder ? "\(name)/" : "\(name)", isWhole: !isFolder)
            )
        }
        return found
    }

    private static func names(in folder: ByteString) -> [ByteString] {
        guard !folder.bytes.contains(0), let stream = folder.withCharacters({ opendir($0) }) else { return [] }
        defer { closedir(stream) }
        var names: [ByteString] = []
        while names.count < mostNames, let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { ByteString(Array($0.prefix { $0 != 0 })) }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}

/// Paths that are typed where no shell reads them.
enum HomePath {
    /// With `~` at its start made `home`.
    static func expanded(_ path: ByteString, home: ByteString?) -> ByteString {
        guard let home, path == "~" || path.hasPrefix("~/") else { return path }
        let rest = path.dropFirst(2)
        return rest.isEmpty ? home : home.appending(rest)
    }
}
