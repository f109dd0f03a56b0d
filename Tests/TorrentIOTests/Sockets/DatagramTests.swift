import Glibc
import TestSupport
import Testing
import TorrentCore
import TorrentIO

@Suite struct DatagramTests {
    @Test(arguments: SocketTests.loopbacks)
    func aBatchIsAnsweredToWhoSentIt(address: IPAddress) throws {
        let server = try UDPSocket(Endpoint(address, port: 0))
        let clients = try (0..<3).map { _ in try UDPSocket(Endpoint(address, port: 0)) }
        let batch = DatagramBatch()
        #expect(try batch.receive(from: server) == 0)
        for number in 0..<30 {
            #expect(try clients[number % 3].send([UInt8(number), 7], to: server.endpoint))
        }
        let answers = DatagramBatch()
        #expect(try batch.receive(from: server) == 30)
        for index in 0..<30 {
            #expect(Array(batch.bytes(index)) == [UInt8(index), 7])
            let from = try #require(batch.endpoint(index))
            #expect(from == clients[index % 3].endpoint)
            answers.append(to: from) { room in
                room[0] = batch.bytes(index)[0]
                return 1
            }
        }
        #expect(answers.send(through: server) == 30)
        #expect(answers.count == 0)
        for (position, client) in clients.enumerated() {
            #expect(try batch.receive(from: client) == 10)
            #expect((0..<10).map { Int(batch.bytes($0)[0]) } == (0..<10).map { $0 * 3 + position })
            #expect(batch.endpoint(0) == server.endpoint)
        }
    }

    @Test func aBatchTakesSixtyFourAndLeavesTheRest() throws {
        let server = try UDPSocket(Endpoint(.loopbackV4, port: 0))
        let batch = DatagramBatch(datagramBytes: 100)
        while !batch.isFull { batch.append([1], to: server.endpoint) }
        #expect(batch.send(through: server) == 64)
        for _ in 0..<6 { batch.append([2], to: server.endpoint) }
        #expect(batch.send(through: server) == 6)
        #expect(try batch.receive(from: server) == 64)
        #expect(try batch.receive(from: server) == 6)
        #expect(try batch.receive(from: server) == 0)
    }

    @Test func batchesOfAnySizeFollowEachOther() throws {
        let server = try UDPSocket(Endpoint(.loopbackV4, port: 0))
        let clients = try (0..<2).map { _ in try UDPSocket(Endpoint(.loopbackV4, port: 0)) }
        let (batch, outgoing) = (DatagramBatch(datagramBytes: 100), DatagramBatch(datagramBytes: 100))
        for (round, count) in [1, 64, 2, 64, 0, 63, 1, 64].enumerated() {
            for number in 0..<count { try clients[number % 2].send(pattern(number + round), to: server.endpoint) }
            #expect(try batch.receive(from: server) == count)
            for number in 0..<count {
                #expect(Array(batch.bytes(number)) == pattern(number + round))
                #expect(batch.endpoint(number) == clients[number % 2].endpoint)
            }
            for _ in 0..<round { outgoing.append([1], to: server.endpoint) }
            #expect(outgoing.send(through: server) == round)
            #expect(try batch.receive(from: server) == round)
        }
    }

    @Test func aDatagramTooLongIsCutAndTheNextIsWhole() throws {
        let server = try UDPSocket(Endpoint(.loopbackV4, port: 0))
        let batch = DatagramBatch(datagramBytes: 100)
        try server.send(pattern(1_000), to: server.endpoint)
        try server.send([5], to: server.endpoint)
        #expect(try batch.receive(from: server) == 2)
        #expect(Array(batch.bytes(0)) == Array(pattern(1_000)[..<100]))
        #expect(Array(batch.bytes(1)) == [5])
    }

    @Test func oneThatCannotGoDoesNotHoldUpTheOthers() throws {
        let sender = try UDPSocket(Endpoint(.loopbackV4, port: 0))
        let batch = DatagramBatch()
        batch.append([1], to: sender.endpoint)
        // Port 0 is nobody's, and IPv6 does not go through an IPv4 socket.
        batch.append([2], to: Endpoint(.loopbackV4, port: 0))
        batch.append([3], to: Endpoint(.loopbackV6, port: sender.endpoint.port))
        batch.append([4], to: sender.endpoint)
        #expect(batch.send(through: sender) == 2)
        #expect(try batch.receive(from: sender) == 2)
        #expect((0..<2).map { batch.bytes($0)[0] } == [1, 4])
    }

    @Test func whoDoesNotListenBreaksNothing() throws {
        let endpoint = Endpoint(.loopbackV4, port: UInt16(try LoopbackServer.freePort()))
        let socket = try UDPSocket(Endpoint(.loopbackV4, port: 0))
        try socket.send([1], to: endpoint)
        var bytes = [UInt8](repeating: 0, count: 4)
        #expect(try bytes.withUnsafeMutableBytes { try socket.receive(into: $0) } == nil)
        try socket.send([9], to: socket.endpoint)
        let (count, from) = try #require(try bytes.withUnsafeMutableBytes { try socket.receive(into: $0) })
        #expect(count == 1 && bytes[0] == 9 && from == socket.endpoint)
    }
}
