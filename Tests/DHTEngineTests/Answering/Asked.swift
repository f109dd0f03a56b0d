import DHTEngine
import Testing
import TorrentCore

/// A node that is asked things, at a time that passes when a test says so.
final class Asked {
    static let ourID = NodeID(Bytes20(high: 0, middle: 0, low: 0))
    static let asker = NodeID(Bytes20(high: 1 << 63, middle: 7, low: 7))
    /// Names of the closest nodes, so that answers with them are as long as they get.
    static let closest = (0..<8).map { DHTContact(asker, Endpoint(.v4(0x5000_0000 + $0), port: 6_881)) }
    static let beside = (0..<8).map { DHTContact(asker, Endpoint(.v6(0x2001 << 48, $0), port: 6_881)) }

    var answering: Answering
    var ourID = Asked.ourID
    var now = Moment.zero + .seconds(1_000)
    var isProven = true
    /// Who is nearest to us. If that is not said they are so near that next to nothing is ours.
    var neighbours: [DHTContact]?
    /// Who is nearest to all else, of our family and of the other one.
    var nearest: [DHTContact]?
    var nearestBeside: [DHTContact]?

    init(isV4: Bool = true, change: (inout DHTConfiguration) -> Void = { _ in }) {
        var configuration = DHTConfiguration(isV4: isV4, seed: 1)
        configuration.secret = 2
        change(&configuration)
        answering = Answering(configuration)
    }

    /// A public address in a net of its own.
    static func address(_ number: Int) -> IPAddress { .v4(0x2000_0000 + UInt32(number) << 8 + 1) }

    /// Hashes that are the farther from our name the greater they are.
    static func infoHash(_ number: Int) -> InfoHash { InfoHash(Bytes20(high: UInt64(number) << 32, middle: 0, low: 1)) }

    /// The datagram that answers.
    func datagram(_ query: KRPCQuery, from sender: Endpoint) -> [UInt8]? {
        let (isV4, ourID) = (sender.address.isV4, ourID)
        let (nearest, nearestBeside) = (nearest, nearestBeside)
        let neighbours = neighbours ?? Array(repeating: DHTContact(ourID, Self.closest[0].endpoint), count: 8)
        return answering.answer(
            query, from: sender, as: ourID, isProven: isProven,
            closest: { $0 == ourID ? neighbours : nearest ?? (isV4 ? Self.closest : Self.beside) },
            beside: { _ in nearestBeside ?? (isV4 ? Self.beside : Self.closest) }, at: now)
    }

    func admits(_ address: IPAddress) -> Bool { answering.admits(address, at: now) }

    /// The datagram that answers what could not be read.
    func answer(_ error: KRPCError, from address: IPAddress = Asked.address(1)) -> [UInt8]? {
        answering.answer(error, from: Endpoint(address, port: 1), isProven: isProven, at: now)
    }

    /// What it says.
    func ask(
        _ method: KRPCQuery.Method, from address: IPAddress, port: UInt16 = 6_881, wants: KRPCQuery.Families = []
    ) -> KRPCMessage? {
        var query = KRPCQuery(method, transaction: [1, 2], sender: Self.asker)
        query.wants = wants
        guard let bytes = datagram(query, from: Endpoint(address, port: port)) else { return nil }
        #expect(bytes.count <= 1_024)
        return bytes.withBytes { try? KRPCMessage($0) }
    }

    func response(
        _ method: KRPCQuery.Method, from address: IPAddress, wants: KRPCQuery.Families = []
    ) -> KRPCResponse? {
        guard case .response(let response)? = ask(method, from: address, wants: wants) else { return nil }
        return response
    }

    /// The code of the refusal, or nil.
    func refusal(_ method: KRPCQuery.Method, from address: IPAddress) -> Int? {
        guard case .failure(let failure)? = ask(method, from: address) else { return nil }
        return failure.code
    }

    func token(for address: IPAddress) -> [UInt8] {
        response(.getPeers(Self.infoHash(0)), from: address)?.token ?? []
    }

    /// Announces with a token that was given just now; true if it is taken.
    @discardableResult
    func announce(_ infoHash: InfoHash, from address: IPAddress, port: UInt16 = 6_881) -> Bool {
        let token = token(for: address)
        let method = KRPCQuery.Method.announcePeer(infoHash, port: port, impliesPort: false, token: token)
        return response(method, from: address) != nil
    }

    func peers(of infoHash: InfoHash, isV4: Bool = true) -> [Endpoint] {
        let asker = isV4 ? Self.address(60_000) : .v6(0x2A00 << 48, 1)
        return response(.getPeers(infoHash), from: asker)?.values ?? []
    }

    /// Gives an item with a token that was given just now; true if it is taken.
    func put(_ item: KRPCItem, from address: IPAddress) -> Bool {
        response(.put(item, replacing: nil, token: token(for: address)), from: address) != nil
    }
}
