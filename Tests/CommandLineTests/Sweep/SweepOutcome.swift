/// What a program makes of a mutation.
enum SweepOutcome: Sendable, Equatable {
    /// The download ends with 0, and every byte is there.
    case completes
    /// It ends with 5, before a byte of somebody's is lost.
    case refuses
    /// It goes on to serve what is right.
    case servesOn
    /// There is nothing left to serve, or it cannot be reached: it ends with 3 or 5.
    case ends
    /// Either of the last two.
    case servesOnOrEnds
}

/// One cell of the sweep, and what is right in it.
struct SweepCell: Sendable, CustomStringConvertible {
    let mutation: Mutation
    let moment: SweepMoment
    let shape: SweepShape

    var description: String { "\(mutation) \(moment) \(shape)" }

    /// Every mutation at every moment, with both shapes.
    static let all: [SweepCell] = SweepMoment.allCases.flatMap { moment in
        SweepShape.allCases.flatMap { shape in
            Mutation.allCases.compactMap { mutation in
                // A single file has no folder of its own.
                if shape == .single, mutation == .folderMoved || mutation == .folderLinked { return nil }
                // A seeder reads through links: it is the same content still.
                if moment == .whileSeeding, mutation == .folderLinked { return nil }
                // There is a place ahead in a file that is half there alone.
                if mutation == .overwrittenAhead, shape == .several || moment.isServing || moment == .beforeFlush {
                    return nil
                }
                return SweepCell(mutation: mutation, moment: moment, shape: shape)
            }
        }
    }

    static func at(_ moments: SweepMoment...) -> [SweepCell] { all.filter { moments.contains($0.moment) } }

    var expected: SweepOutcome { moment.isServing ? expectedWhileServing : expectedOfDownload }

    /// Something at the path keeps a download from being finished.
    var isInTheWay: Bool { expected == .refuses && mutation != .wholeFolderMoved }

    private var expectedOfDownload: SweepOutcome {
        switch mutation {
        // Nothing of somebody's is in the way of what is missing.
        case .removed, .truncated, .movedAway, .recreatedEmpty, .folderMoved, .touched: .completes
        case .grown, .replaced, .overwritten, .overwrittenAhead, .editedTimeKept: .refuses
        case .linkedToCopy, .linkedToForeign, .folderLinked, .replacedByPipe: .refuses
        // Reading goes on, writing does not.
        case .linkedHard: shape == .single && moment != .beforeFlush ? .refuses : .completes
        // A run that begins makes the folder anew.
        case .wholeFolderMoved: moment.isDuring ? .refuses : .completes
        }
    }

    private var expectedWhileServing: SweepOutcome {
        switch mutation {
        case .truncated, .grown, .overwritten, .overwrittenAhead, .linkedHard, .touched, .editedTimeKept: .servesOn
        case .removed, .replaced, .movedAway, .recreatedEmpty: shape == .single ? .ends : .servesOn
        case .linkedToCopy where moment == .whileSeeding: .servesOn
        case .linkedToCopy, .linkedToForeign, .folderLinked, .replacedByPipe:
            shape == .single ? .ends : .servesOnOrEnds
        case .folderMoved, .wholeFolderMoved: .ends
        }
    }
}
