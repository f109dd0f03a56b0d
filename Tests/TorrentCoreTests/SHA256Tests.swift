import Testing
import TorrentCore

@Suite struct SHA256Tests {
    // FIPS 180-2, appendix B, and the NIST collection of short messages.
    @Test(arguments: HashKernel.available)
    func `published vectors come out on every kernel`(kernel: HashKernel) {
        let vectors: [([UInt8], String)] = [
            ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (Array("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                Array(repeating: UInt8(ascii: "a"), count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
            ([0xBD], "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b"),
        ]
        #expect(vectors.map { SHA256.digest(of: $0.0, kernel: kernel).hex } == vectors.map(\.1))
        #expect(kernel.digests(of: vectors.map(\.0)).map(\.hex) == vectors.map(\.1))
    }

    @Test(arguments: HashKernel.available)
    func `every length around a block's end agrees with the portable kernel`(kernel: HashKernel) {
        var generator = SplitMix64(seed: 21)
        let data = [UInt8].random(count: 260, using: &generator)
        let buffers = (0...260).map { Array(data[..<$0]) }
        #expect(kernel.digests(of: buffers) == buffers.map { SHA256.digest(of: $0, kernel: .portable) })
    }

    @Test(arguments: HashKernel.available)
    func `any number of streams of any length agrees with the portable kernel`(kernel: HashKernel) {
        var generator = SplitMix64(seed: 22)
        for count in 0...35 {
            let buffers = (0..<count).map { _ in [UInt8].random(upTo: 700, using: &generator) }
            let expected = buffers.map { SHA256.digest(of: $0, kernel: .portable) }
            #expect(kernel.digests(of: buffers) == expected, "\(count) streams")
        }
    }

    @Test func `buffers of 64 MiB beside tiny ones agree with the portable kernel`() {
        let part = Array((0..<65_537).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 7) })
        let huge = [UInt8].repeated(part, count: 64 << 20)
        let one = Array(huge.dropLast(1))
        let buffers = [[7], one, huge, [], [UInt8](huge.prefix(64))]
        let expected = buffers.map { SHA256.digest(of: $0, kernel: .portable) }
        for kernel in HashKernel.available where kernel != .portable {
            #expect(kernel.digests(of: buffers) == expected, "\(kernel)")
        }
    }

    @Test func `a stream fed in odd parts equals one fed at once`() {
        var generator = SplitMix64(seed: 23)
        for _ in 0..<50 {
            let data = [UInt8].random(upTo: 500, using: &generator)
            var hash = SHA256()
            var at = 0
            while at < data.count {
                let end = min(data.count, at + Int.random(in: 0...100, using: &generator))
                Array(data[at..<end]).withBytes { hash.update($0) }
                at = end
            }
            #expect(hash.finish() == SHA256.digest(of: data, kernel: .portable))
        }
    }
}

extension HashKernel {
    fileprivate func digests(of buffers: [[UInt8]]) -> [SHA256Digest] {
        withBuffers(buffers) { SHA256.digests(of: $0, kernel: self) }
    }
}
