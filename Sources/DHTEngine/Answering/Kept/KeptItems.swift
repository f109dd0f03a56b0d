import TorrentCore

/// Things that others have given to us to keep (BEP 44), each for two hours, sorted by their places. When there is no
/// room for another one, those of whom we keep most have to give way, then those that are far from our name.
struct KeptItems {
    static let lifetime = Duration.seconds(7_200)
    /// Bytes of the longest salt (BEP 44).
    static let longestSalt = 64
    /// Bytes that an item takes beside its value: its place, and arrays with their heads.
    static let overhead = 400
    /// Signatures that are checked in a second; one takes as long as fifty answers.
    static let checksASecond = 50
    /// One site may have an eighth of the room; where there is none left, whoever has more than a sixteenth part
    /// gives way first.
    static let (largestPart, fairPart) = (8, 16)
    /// Bytes around a value in an answer that has the longest of all else, with and without a signature.
    static let around = (signed: 260, unsigned: 120)

    private struct Kept {
        let place: NodeID
        var item: KRPCItem
        var until: Moment
        let giver: IPAddress

        var bytes: Int { KeptItems.bytes(of: item) }
    }

    /// Why an item is not kept.
    struct Refusal: Error, Equatable {
        let code: KRPCErrorCode
        let reason: String

        init(_ code: KRPCErrorCode, _ reason: String) {
            (self.code, self.reason) = (code, reason)
        }
    }

    private var items: [Kept] = []
    /// Bytes that they take.
    private(set) var bytes = 0
    private var shares: SiteShares
    private var checks = Allowance(aSecond: Self.checksASecond)
    private let limits: DHTLimits
    private let checksSignature: DHTConfiguration.SignatureCheck?
    /// When the first one has to be forgotten.
    private(set) var nextDeadline = Moment.distantFuture

    init(_ configuration: DHTConfiguration) {
        limits = configuration.limits
        checksSignature = configuration.checksSignature
        shares = SiteShares(secret: configuration.secret)
    }

    var count: Int { items.count }

    /// What is kept at a place.
    func item(at place: NodeID, _ now: Moment) -> KRPCItem? {
        guard let found = position(of: place).found, items[found].until > now else { return nil }
        return items[found].item
    }

    // MARK: Keeping

    /// Keeps an item in place of an earlier one, which has to have the sequence number `replaced` if that is said.
    mutating func keep(
        _ item: KRPCItem, replacing replaced: Int64?, from giver: IPAddress,
        in ours: @autoclosure () -> Neighbourhood, at now: Moment
    ) throws(Refusal) {
        try checkSizes(of: item)
        let place = Self.place(of: item)
        expire(at: now)
        let found = position(of: place).found
        if let found, try isKept(item, at: found, replacing: replaced) {
            items[found].until = now + Self.lifetime
            return
        }
        if let signature = item.signature { try check(signature, of: item, at: now) }
        let earlier = found.map { remove(at: $0) }
        let newcomer = shares.newcomer(giver, adding: Self.bytes(of: item))
        guard shares.share(of: newcomer.slot, beside: newcomer) <= limits.itemBytes / Self.largestPart,
            makeRoom(for: newcomer, at: place, in: ours)
        else {
            if let earlier { insert(earlier) }
            throw Refusal(.serverError, "no room")
        }
        insert(Kept(place: place, item: item, until: now + Self.lifetime, giver: giver))
    }

    /// The longest value that is taken: an answer with it has to be no longer than datagrams are (BEP 32), which is
    /// less than what BEP 44 lets nodes refuse.
    func longestValue(isSigned: Bool) -> Int {
        min(limits.longestItem, limits.datagramBytes - (isSigned ? Self.around.signed : Self.around.unsigned))
    }

    private func checkSizes(of item: KRPCItem) throws(Refusal) {
        let longest = longestValue(isSigned: item.signature != nil)
        guard item.value.count <= longest else { throw Refusal(.valueTooBig, "longer than \(longest) bytes") }
        guard let signature = item.signature else { return }
        guard signature.salt.count <= Self.longestSalt else {
            throw Refusal(.saltTooBig, "salt longer than \(Self.longestSalt) bytes")
        }
        guard signature.sequence >= 0 else { throw Refusal(.protocolError, "sequence number below zero") }
    }

    /// Whether this very item is there already; throws if what is there must not be replaced by it.
    private func isKept(_ item: KRPCItem, at found: Int, replacing replaced: Int64?) throws(Refusal) -> Bool {
        guard let new = item.signature, let old = items[found].item.signature else {
            guard item == items[found].item else { throw Refusal(.serverError, "another kind of item is here") }
            return true
        }
        if let replaced, replaced != old.sequence {
            throw Refusal(.replacedMismatch, "the sequence number here is \(old.sequence)")
        }
        if items[found].item == item { return true }
        guard new.sequence > old.sequence else {
            throw Refusal(.sequenceTooLow, "the sequence number here is \(old.sequence)")
        }
        return false
    }

    private mutating func check(_ signature: KRPCItem.Signature, of item: KRPCItem, at now: Moment) throws(Refusal) {
        guard let checksSignature else { throw Refusal(.serverError, "signatures cannot be checked here") }
        guard checks.take(at: now) else { throw Refusal(.serverError, "too many signatures to check") }
        guard checksSignature(signature.key, signature.signature, Self.signedBytes(of: item.value, signature)) else {
            throw Refusal(.invalidSignature, "wrong signature")
        }
    }

    /// What is signed: the salt, unless it is empty, the sequence number and the value, in the manner of bencode.
    static func signedBytes(of value: [UInt8], _ signature: KRPCItem.Signature) -> [UInt8] {
        var bytes: [UInt8] = []
        if !signature.salt.isEmpty {
            bytes += Array("4:salt\(signature.salt.count):".utf8) + signature.salt
        }
        return bytes + Array("3:seqi\(signature.sequence)e1:v".utf8) + value
    }

    /// Where an item belongs: at the hash of its key and salt, or of its value.
    static func place(of item: KRPCItem) -> NodeID {
        let name = item.signature.map { $0.key + $0.salt } ?? item.value
        return NodeID(SHA1.digest(of: name).bytes)
    }

    // MARK: Room

    private static func bytes(of item: KRPCItem) -> Int {
        overhead + item.value.count + (item.signature?.salt.count ?? 0)
    }

    private mutating func makeRoom(
        for newcomer: SiteShares.Newcomer, at place: NodeID, in ours: () -> Neighbourhood
    ) -> Bool {
        let needed = newcomer.amount
        guard needed <= limits.itemBytes else { return false }
        guard bytes + needed > limits.itemBytes else { return true }
        let ours = ours()
        // Each turn takes one away.
        while bytes + needed > limits.itemBytes {
            guard let victim = victim(of: newcomer, at: place, in: ours) else { return false }
            remove(at: victim)
        }
        return true
    }

    /// Who gives way: the oldest of those who have most, or whoever is farthest away.
    private func victim(of newcomer: SiteShares.Newcomer, at place: NodeID, in ours: Neighbourhood) -> Int? {
        let (farthest, near) = (farthest(from: ours), ours.distance(to: place))
        guard let farthest else { return nil }
        let far = ours.distance(to: items[farthest].place)
        let most = shares.most(beside: newcomer)
        if most > limits.itemBytes / Self.fairPart || near == far {
            let ofMost = items.indices.filter {
                let share = shares.share(of: shares.slot(of: items[$0].giver), beside: newcomer)
                return share == most && share > 0
            }
            if let oldest = ofMost.min(by: { items[$0].until < items[$1].until }) { return oldest }
        }
        return near < far ? farthest : nil
    }

    private func farthest(from ours: Neighbourhood) -> Int? {
        items.indices.max {
            ours.ourID.distance(to: items[$0].place) < ours.ourID.distance(to: items[$1].place)
        }
    }

    private mutating func insert(_ kept: Kept) {
        items.insert(kept, at: position(of: kept.place).place)
        bytes += kept.bytes
        shares.add(kept.bytes, to: shares.slot(of: kept.giver))
        nextDeadline = min(nextDeadline, kept.until)
    }

    @discardableResult
    private mutating func remove(at position: Int) -> Kept {
        let kept = items.remove(at: position)
        bytes -= kept.bytes
        shares.remove(kept.bytes, from: shares.slot(of: kept.giver))
        return kept
    }

    /// Forgets what is over.
    mutating func expire(at now: Moment) {
        guard now >= nextDeadline else { return }
        nextDeadline = .distantFuture
        for position in items.indices.reversed() {
            if items[position].until <= now {
                remove(at: position)
            } else {
                nextDeadline = min(nextDeadline, items[position].until)
            }
        }
    }

    /// Where an item is, or where it would have to be.
    private func position(of place: NodeID) -> (found: Int?, place: Int) {
        var (low, high) = (0, items.count)
        while low < high {
            let middle = (low + high) / 2
            if items[middle].place < place { low = middle + 1 } else { high = middle }
        }
        return (low < items.count && items[low].place == place ? low : nil, low)
    }
}
