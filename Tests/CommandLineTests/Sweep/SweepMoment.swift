/// When somebody does something to a file.
enum SweepMoment: String, CaseIterable, Sendable {
    /// A half-done download lies there, and no record of it.
    case beforeStart
    case whileLeeching
    /// Stopped half-way by Ctrl-C, and started again afterwards.
    case betweenRuns
    /// All pieces are written, and none of the last ones flushed.
    case beforeFlush
    case whileSeeding
    /// `leech` that is complete and serves.
    case whileServing

    /// A program is at work when it happens.
    var isDuring: Bool { self != .beforeStart && self != .betweenRuns }

    /// Nothing is to be written any more when it happens.
    var isServing: Bool { self == .whileSeeding || self == .whileServing }
}
