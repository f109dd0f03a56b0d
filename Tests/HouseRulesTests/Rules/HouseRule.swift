/// One rule that every file keeps: what it is called, and where a file breaks it.
struct HouseRule: Sendable, CustomStringConvertible {
    let name: String
    /// The numbers of the lines, from 1, that break it, each with what is wrong.
    let check: @Sendable (SourceFile) -> [Violation]

    /// A place and what is wrong there.
    struct Violation: Sendable, Equatable {
        let line: Int
        let what: String
    }

    var description: String { name }

    /// A rule that looks at one line of code at a time, in files that hold one of `words`.
    static func perLine(
        _ name: String, about words: [String], where applies: @escaping @Sendable (SourceFile) -> Bool,
        _ judge: @escaping @Sendable (_ code: String) -> String?
    ) -> HouseRule {
        HouseRule(name: name) { file in
            guard applies(file), file.text.first(of: words) != nil else { return [] }
            return file.code.enumerated().compactMap { position, code in
                judge(code).map { Violation(line: position + 1, what: $0) }
            }
        }
    }

    static let all = [
        imports, noClock, noUnseededChance, noUnorderedIteration, fileLength, functionLength, lineLength,
        documented, noLeftovers, noForce, noTextPaths, partsStayInTheirRooms, roomsAreStrangers,
        smallStates, quietC, commentedC, environmentAtTheEdge, oneVersion,
    ]
}
