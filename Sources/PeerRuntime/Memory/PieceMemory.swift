import Synchronization

/// Shares the memory for open pieces out among the torrents of a node: all of them together keep to one budget, and
/// each that wants some gets its turn.
///
/// A torrent may have as many pieces open as it is allowed. As long as nobody lacks anything, who asks is allowed its
/// fair part of the budget, or what is free of it, and keeps that. Once somebody waits, each piece that is closed makes
/// room for whoever has waited longest, and who closed it asks again, at the end of the queue. What is allowed and not
/// used is taken back first, once it is settled that it will not be. So nobody waits for ever, as long as pieces are
/// closed: who has waited for a while says `press`, and those that hold memory are asked for pieces that do not move.
///
/// A piece that is longer than the whole budget is allowed while no other is.
final class PieceMemory: Sendable {
    /// A torrent that fetches.
    struct Member: Hashable, Sendable {
        fileprivate let number: Int
    }

    /// What a torrent is told, on whichever thread it happens.
    enum Word: Hashable, Sendable {
        /// `allowance(of:)` has changed.
        case allowanceChanged
        /// Others wait: a piece that does not move is to be given up.
        case isWanted
    }

    private struct Share {
        let pieceBytes: Int
        let tell: @Sendable (Word) -> Void
        /// Pieces; never less than are open.
        var allowed = 0
        var open = 0
        var isWaiting = false
        /// It has been allowed more, and has not settled yet what it makes of that.
        var isFresh = false
    }

    private struct State {
        /// In the order of their numbers, which is that of their coming.
        var members: [(number: Int, share: Share)] = []
        var nextNumber = 0
        /// Who waits for one more piece, the longest first.
        var queue: [Int] = []
        /// Bytes of all pieces that are allowed.
        var promised = 0

        func place(of member: Int) -> Int? { members.firstIndex { $0.number == member } }
    }

    /// Bytes of all open pieces together.
    let budget: Int
    private let state = Mutex(State())

    init(budget: Int) {
        self.budget = budget
    }

    /// One more torrent, which may open nothing yet. `tell` is called on any thread, not within a call of the same
    /// member.
    func join(pieceBytes: Int, tell: @escaping @Sendable (Word) -> Void) -> Member {
        precondition(pieceBytes > 0)
        return state.withLock { state in
            defer { state.nextNumber += 1 }
            state.members.append((state.nextNumber, Share(pieceBytes: pieceBytes, tell: tell)))
            return Member(number: state.nextNumber)
        }
    }

    /// The torrent has ended, and all its pieces are closed.
    func leave(_ member: Member) {
        change(by: member) { state, place in
            let share = state.members.remove(at: place).share
            state.promised -= share.allowed * share.pieceBytes
            state.queue.removeAll { $0 == member.number }
        }
    }

    /// How many pieces it may have open, those that are open included.
    func allowance(of member: Member) -> Int {
        state.withLock { state in state.place(of: member.number).map { state.members[$0].share.allowed } ?? 0 }
    }

    /// It wants one piece more than it is allowed, and nobody has made room for it yet.
    func isWaiting(_ member: Member) -> Bool {
        state.withLock { state in state.place(of: member.number).map { state.members[$0].share.isWaiting } ?? false }
    }

    /// It would open one piece more than it is allowed. Whether that is granted at once or later shows its allowance.
    func want(_ member: Member) {
        change(by: member) { state, place in
            guard !state.members[place].share.isWaiting else { return }
            state.members[place].share.isWaiting = true
            state.queue.append(member.number)
        }
    }

    /// It has heard of its allowance, and has opened what it wanted to open at once.
    func settle(_ member: Member) {
        change(by: member) { state, place in state.members[place].share.isFresh = false }
    }

    /// It opens a piece; false if it is not allowed.
    func open(_ member: Member) -> Bool {
        state.withLock { state in
            guard let place = state.place(of: member.number),
                state.members[place].share.open < state.members[place].share.allowed
            else { return false }
            state.members[place].share.open += 1
            return true
        }
    }

    /// The memory of one of its pieces is free again.
    func close(_ member: Member) {
        change(by: member) { state, place in
            precondition(state.members[place].share.open > 0, "more pieces closed than were opened")
            state.members[place].share.open -= 1
            guard !state.queue.isEmpty else { return }
            state.members[place].share.allowed -= 1
            state.promised -= state.members[place].share.pieceBytes
        }
    }

    /// It has waited for a while. False if it waits no more.
    func press(_ member: Member) -> Bool {
        let (waits, holders) = state.withLock { state -> (Bool, [Share]) in
            guard let place = state.place(of: member.number), state.members[place].share.isWaiting else {
                return (false, [])
            }
            return (true, state.members.filter { $0.number != member.number && $0.share.open > 0 }.map(\.share))
        }
        for holder in holders { holder.tell(.isWanted) }
        return waits
    }

    // MARK: Giving out

    /// Makes a change, gives out what has become free, and tells whom that concerns, but for the caller.
    private func change(by member: Member, _ body: (inout State, _ place: Int) -> Void) {
        let told = state.withLock { state -> [Share] in
            guard let place = state.place(of: member.number) else { return [] }
            body(&state, place)
            let changed = Self.giveOut(&state, budget: budget)
            return state.members.filter { changed.contains($0.number) && $0.number != member.number }.map(\.share)
        }
        for share in told { share.tell(.allowanceChanged) }
    }

    /// Whose allowance has changed.
    private static func giveOut(_ state: inout State, budget: Int) -> Set<Int> {
        var changed: Set<Int> = []
        while let first = state.queue.first, let place = state.place(of: first) {
            let share = state.members[place].share
            if state.promised + share.pieceBytes > budget {
                changed.formUnion(takeBackUnused(&state, for: share.pieceBytes, besides: first, budget: budget))
            }
            let isAlone = state.promised == 0
            guard isAlone || state.promised + share.pieceBytes <= budget else { break }
            state.queue.removeFirst()
            // While nobody else waits it gets its fair part at once, or what there is of it.
            let fair = budget / state.members.count / share.pieceBytes - share.allowed
            let free = (budget - state.promised) / share.pieceBytes
            let count = state.queue.isEmpty ? max(1, min(fair, free)) : 1
            state.members[place].share.allowed += count
            state.members[place].share.isWaiting = false
            state.members[place].share.isFresh = true
            state.promised += count * share.pieceBytes
            changed.insert(first)
        }
        return changed
    }

    /// Makes room for `bytes` by what others are allowed and do not use. Whose allowance has changed.
    private static func takeBackUnused(
        _ state: inout State, for bytes: Int, besides member: Int, budget: Int
    ) -> Set<Int> {
        var changed: Set<Int> = []
        for place in state.members.indices
        where state.members[place].number != member && !state.members[place].share.isFresh {
            let share = state.members[place].share
            while state.promised + bytes > budget, state.members[place].share.allowed > share.open {
                state.members[place].share.allowed -= 1
                state.promised -= share.pieceBytes
                changed.insert(state.members[place].number)
            }
        }
        return changed
    }
}
