import HTTPService

/// A body that is there and leaves piece by piece. What of it others share takes no memory, and what was made for it
/// takes room until all has left, be its reader ever so slow. What is made and fits into one piece is the connection's
/// at once, and needs no room: so whoever fills that with long lists takes short ones from nobody.
final class ReadyBody: HTTPBodySource {
    private var parts: BodyParts
    private let room: WaitingRoom
    private let madeBytes: Int

    /// Nil if there is no room for what was made.
    init?(_ parts: [ArraySlice<UInt8>], made madeBytes: Int, in room: WaitingRoom) {
        let counted = madeBytes > HTTPStreamedAnswer.pieceBytes ? madeBytes : 0
        guard room.enter(counted) else { return nil }
        self.parts = BodyParts(parts)
        self.madeBytes = counted
        self.room = room
    }

    deinit { room.leave(madeBytes) }

    func begin(_ outlet: HTTPOutlet) {}

    func next(into piece: inout [UInt8], room: Int) -> HTTPBodyStep { parts.append(to: &piece, room: room) }

    func ended(_ end: HTTPStreamEnd) {}
}

/// Bytes one behind the other, and how far they have been taken.
struct BodyParts {
    private var rest: ArraySlice<ArraySlice<UInt8>>

    init(_ parts: [ArraySlice<UInt8>]) { rest = parts[...] }

    mutating func append(to piece: inout [UInt8], room: Int) -> HTTPBodyStep {
        while piece.count < room, let part = rest.first {
            let taken = part.prefix(room - piece.count)
            piece += taken
            if taken.count == part.count { rest.removeFirst() } else { rest[rest.startIndex] = part[taken.endIndex...] }
        }
        return rest.isEmpty ? .end : .more
    }
}
