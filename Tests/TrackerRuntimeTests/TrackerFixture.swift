import Testing
import TorrentCore
import TrackerRuntime

/// A tracker on loopback, at a port that the system picked.
final class TrackerFixture {
    let server: TrackerServer
    let endpoints: [Endpoint]

    init(
        addresses: [IPAddress] = [.loopbackV4], _ change: (inout TrackerConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = TrackerConfiguration()
        configuration.port = 0
        configuration.addresses = addresses
        change(&configuration)
        server = try TrackerServer(configuration)
        endpoints = try server.start()
    }

    deinit { server.stop() }

    var endpoint: Endpoint { endpoints[0] }

    static func announce(
        port: UInt16, left: Int64 = 1, _ event: AnnounceEvent = .started, torrent: UInt64 = 1
    ) -> AnnounceRequest {
        AnnounceRequest(
            infoHash: InfoHash(Bytes20(high: torrent, middle: 0x2F3D_2600_7F80_FF25, low: 3)),
            peerID: PeerID(.zero), port: port, left: left, event: event, numberWanted: 30)
    }

    static func get(_ target: String, _ headers: String = "") -> String {
        "GET \(target) HTTP/1.1\r\nHost: x\r\n\(headers)\r\n"
    }

    static func get(_ request: AnnounceRequest) -> String {
        var query = Array("/announce?".utf8)
        request.appendQuery(to: &query)
        return get(String(decoding: query, as: UTF8.self))
    }

    /// One request over a connection of its own: status and body.
    func fetch(_ target: String, _ headers: String = "") throws -> (status: Int, body: String) {
        let socket = try BlockingSocket(connectingTo: endpoint)
        try socket.send(Self.get(target, headers))
        let answer = try socket.receiveAnswer()
        return (answer.head?.status ?? 0, String(decoding: answer.body, as: UTF8.self))
    }

    static let torrentType = "Content-Type: application/x-bittorrent\r\n"

    /// One request that may bring a body, over a connection of its own.
    func send(
        _ line: String, _ fields: String = torrentType, host: String = "127.0.0.1", body: [UInt8] = []
    ) throws -> (status: Int, body: String) {
        let answer = try begin(line, fields, host: host, body: body).receiveAnswer()
        return (answer.head?.status ?? 0, String(decoding: answer.body, as: UTF8.self))
    }

    /// The same, whose answer comes later.
    func begin(
        _ line: String, _ fields: String = torrentType, host: String = "127.0.0.1", body: [UInt8] = []
    ) throws -> BlockingSocket {
        let socket = try BlockingSocket(connectingTo: endpoint)
        let length = body.isEmpty ? "" : "Content-Length: \(body.count)\r\n"
        try socket.send(Array("\(line) HTTP/1.1\r\nHost: \(host)\r\n\(fields)\(length)\r\n".utf8) + body)
        return socket
    }

    /// One announce over HTTP.
    func announce(_ request: AnnounceRequest, at endpoint: Endpoint? = nil) throws -> AnnounceResponse {
        let socket = try BlockingSocket(connectingTo: endpoint ?? self.endpoint)
        try socket.send(Self.get(request))
        return try AnnounceResponse(bencode: socket.receiveAnswer().body)
    }

    /// One announce over UDP, its connection id first.
    func announceUDP(
        _ request: AnnounceRequest, at endpoint: Endpoint, from address: IPAddress
    ) throws -> (AnnounceResponse, from: Endpoint) {
        let socket = try BlockingSocket(boundTo: address)
        var packet: [UInt8] = []
        UDPTrackerRequest.connect(transaction: 5).append(to: &packet)
        let connect = try socket.exchange(packet, with: endpoint)
        guard case .connect(5, let connection) = try Self.read(connect.bytes, endpoint) else {
            throw TrackerResponseError.notDictionary
        }
        packet = []
        UDPTrackerRequest.announce(connection: connection, transaction: 6, request).append(to: &packet)
        let answer = try socket.exchange(packet, with: endpoint)
        guard case .announce(6, let response) = try Self.read(answer.bytes, endpoint) else {
            throw TrackerResponseError.notDictionary
        }
        return (response, answer.from)
    }

    private static func read(_ bytes: [UInt8], _ endpoint: Endpoint) throws -> UDPTrackerResponse {
        try bytes.withBytes { try UDPTrackerResponse($0, overIPv4: endpoint.address.isV4) }
    }
}
