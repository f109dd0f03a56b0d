import TorrentCore

/// Seconds since a node of ours began, counted from 1: zero is never. Small, since the table holds hundreds of them.
typealias TableSecond = UInt32

/// A node of the routing table, or one that waits for a place in it.
struct TableNode: BitwiseCopyable {
    /// An answer or a question keeps a node good for so long, in seconds (BEP 5).
    static let goodFor: TableSecond = 15 * 60
    /// Who has not answered so many questions in a row is bad (BEP 5).
    static let badAfter = 2

    var id: NodeID
    /// When it answered us, in this run.
    var answeredAt: TableSecond = 0
    var endpoint: Endpoint
    /// When it asked us something.
    var heardAt: TableSecond = 0
    /// When it answered for the first time.
    var provenAt: TableSecond = 0
    /// Questions in a row that it has not answered.
    var failures: UInt8 = 0

    init(_ contact: DHTContact) {
        id = contact.id
        endpoint = contact.endpoint
    }

    var contact: DHTContact { DHTContact(id, endpoint) }
    var isProven: Bool { answeredAt != 0 }
    var isBad: Bool { Int(failures) >= Self.badAfter }
    /// Only questions of somebody who has answered before count (BEP 5).
    var lastSign: TableSecond { isProven ? max(answeredAt, heardAt) : 0 }

    func isGood(at now: TableSecond) -> Bool {
        isProven && failures == 0 && now &- lastSign < Self.goodFor
    }

    mutating func answered(at now: TableSecond) {
        if provenAt == 0 { provenAt = now }
        answeredAt = now
        failures = 0
    }
}
