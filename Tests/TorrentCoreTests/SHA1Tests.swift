import Testing
import TorrentCore

@Suite struct SHA1Tests {
    // FIPS 180-2, appendix A, and RFC 3174, section 7.3.
    @Test(arguments: HashKernel.available)
    func `published vectors come out on every kernel`(kernel: HashKernel) {
        let vectors: [([UInt8], String)] = [
            ([], "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            (Array("abc".utf8), "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
            ),
            (Array(repeating: UInt8(ascii: "a"), count: 1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
            (
                Array(
                    repeatElement(
                        Array("0123456701234567012345670123456701234567012345670123456701234567".utf8), count: 10
                    ).joined()), "dea356a2cddd90c7a7ecedc5ebb563934f460452"
            ),
        ]
        for (bytes, expected) in vectors {
            var hash = SHA1(kernel: kernel)
            bytes.withBytes { hash.update($0) }
            #expect(hash.finish().hex == expected)
        }
        #expect(kernel.digests(of: vectors.map(\.0)).map(\.hex) == vectors.map(\.1))
    }

    @Test(arguments: HashKernel.available)
    func `every length around a block's end agrees with the portable kernel`(kernel: HashKernel) {
        var generator = SplitMix64(seed: 11)
        let data = [UInt8].random(count: 260, using: &generator)
        let buffers = (0...260).map { Array(data[..<$0]) }
        #expect(kernel.digests(of: buffers) == buffers.map { portable($0) })
    }

    @Test(arguments: HashKernel.available)
    func `any number of streams of any length agrees with the portable kernel`(kernel: HashKernel) {
        var generator = SplitMix64(seed: 12)
        for count in 0...35 {
            let buffers = (0..<count).map { _ in [UInt8].random(upTo: 700, using: &generator) }
            #expect(kernel.digests(of: buffers) == buffers.map { portable($0) }, "\(count) streams")
        }
    }

    @Test(arguments: HashKernel.available)
    func `pieces fed part by part give the digests of the whole`(kernel: HashKernel) {
        var generator = SplitMix64(seed: 13)
        let pieces = (0..<20).map { _ in [UInt8].random(upTo: 1_000, using: &generator) }
        var hasher = PieceHasher(kernel: kernel)
        var states = Array(repeating: SHA1State(), count: pieces.count)
        var at = Array(repeating: 0, count: pieces.count)
        for _ in 0..<4 {
            let parts = pieces.indices.map { place in
                let whole = (pieces[place].count - at[place]) / 64
                let length = Int.random(in: 0...whole, using: &generator) * 64
                defer { at[place] += length }
                return Array(pieces[place][at[place]..<at[place] + length])
            }
            withBuffers(parts) { hasher.advance(&states, over: $0) }
        }
        let rest = pieces.indices.map { Array(pieces[$0][at[$0]...]) }
        #expect(withBuffers(rest) { hasher.finish(&states, with: $0) } == pieces.map { portable($0) })
    }

    @Test func `buffers of 64 MiB beside tiny ones agree with the portable kernel`() {
        let part = Array((0..<65_537).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 7) })
        let huge = [UInt8].repeated(part, count: 64 << 20)
        let one = Array(huge.dropLast(1))
        let buffers = [[7], one, huge, [], [UInt8](huge.prefix(64))]
        let expected = buffers.map { portable($0) }
        for kernel in HashKernel.available where kernel != .portable {
            #expect(kernel.digests(of: buffers) == expected, "\(kernel)")
        }
    }

    @Test func `a stream fed in odd parts equals one fed at once`() {
        var generator = SplitMix64(seed: 14)
        for _ in 0..<50 {
            let data = [UInt8].random(upTo: 500, using: &generator)
            var hash = SHA1()
            var at = 0
            while at < data.count {
                let end = min(data.count, at + Int.random(in: 0...100, using: &generator))
                Array(data[at..<end]).withBytes { hash.update($0) }
                at = end
            }
            #expect(hash.finish() == portable(data))
            #expect(hash.finish() == SHA1.digest(of: data))
        }
    }

    @Test func `the best kernel is one that runs here`() {
        #expect(HashKernel.best.isAvailable)
        #expect(HashKernel.available.contains(.portable))
        #expect(HashKernel.allCases.allSatisfy { (1...16).contains($0.streams) })
    }

    @Test func `one that is forced is the best of its process`() async {
        await #expect(processExitsWith: .success) {
            guard let absent = HashKernel.allCases.first(where: { !$0.isAvailable }) else { return }
            let before = HashKernel.best
            precondition(!absent.force() && HashKernel.best == before, "one that is not to be had changes nothing")
            precondition(HashKernel.portable.force() && HashKernel.best == .portable, "forced before it was asked")
            precondition(before.force() && HashKernel.best == before, "and again")
        }
    }

    private func portable(_ bytes: [UInt8]) -> SHA1Digest {
        var hash = SHA1(kernel: .portable)
        bytes.withBytes { hash.update($0) }
        return hash.finish()
    }
}

extension HashKernel {
    fileprivate func digests(of buffers: [[UInt8]]) -> [SHA1Digest] {
        var hasher = PieceHasher(kernel: self)
        return withBuffers(buffers) { hasher.digests(of: $0) }
    }
}
