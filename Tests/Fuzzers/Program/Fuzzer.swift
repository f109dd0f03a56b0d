import Glibc

/// What one fuzzer feeds with bytes: a parser, or the brain.
struct Fuzzer: Sendable {
    let name: String
    /// What it holds its subject to, in a few words.
    let promise: String
    /// Longest input, bytes.
    let inputLimit: Int
    /// Inputs to begin with: right ones, and odd ones.
    let seeds: @Sendable () -> [[UInt8]]
    /// Whether `bytes` are taken for what they are; ends the program, by way of `hold`, where a promise is broken.
    let run: @Sendable (_ bytes: [UInt8]) -> Void

    init(
        _ name: String, _ promise: String, inputLimit: Int = 4_096, seeds: @escaping @Sendable () -> [[UInt8]],
        run: @escaping @Sendable ([UInt8]) -> Void
    ) {
        (self.name, self.promise, self.inputLimit) = (name, promise, inputLimit)
        (self.seeds, self.run) = (seeds, run)
    }

    static let all: [Fuzzer] = [
        bencode, bencodeNotation, metainfo, magnet, handshake, handshakeMachine, messages, extensionHandshake,
        metadataMessage, dhtNode,
        peerExchange, requestHead, requestBodies, announceQuery, trackerURL, httpAnswer, announceAnswer, udpRequest,
        udpAnswer, krpc, localAnnounce, resumeRecord, trackerState, json, jsonDocument,
        swarm, metadataSwarm,
    ]
}

/// A promise that an input has to keep. One that does not ends the program, which keeps the input.
func hold(_ isKept: Bool, _ promise: @autoclosure () -> String) {
    guard !isKept else { return }
    print("broken: \(promise())")
    fflush(nil)
    abort()
}

/// Positions at which an input is cut, drawn from the input itself.
func cuts(of bytes: [UInt8]) -> [Int] {
    guard !bytes.isEmpty else { return [] }
    var generator = bytes.prefix(64).reduce(UInt64(bytes.count)) { $0 &* 0x100_0000_01B3 ^ UInt64($1) }
    return (0..<4).map { _ in
        generator = generator &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(generator >> 33) % bytes.count
    }
}

/// The input in the pieces that its `cuts` make of it, none empty.
func pieces(of bytes: [UInt8]) -> [[UInt8]] {
    let ends = Array(Set(cuts(of: bytes) + [0, bytes.count])).sorted()
    return zip(ends, ends.dropFirst()).map { Array(bytes[$0..<$1]) }
}
