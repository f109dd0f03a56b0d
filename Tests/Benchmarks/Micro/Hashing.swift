import TorrentCore

/// Each kernel with all its streams: 16 KiB from each of 16 pieces, which stay in the second cache.
func measureHashing(_ bench: Bench) {
    let length = 16 << 10
    let data = [UInt8](repeating: 0x5A, count: 16 * length)
    let gibibytes = Double(data.count) / Double(1 << 30)
    for kernel in HashKernel.available {
        var hasher = PieceHasher(kernel: kernel)
        var states = Array(repeating: SHA1State(), count: 16)
        data.withUnsafeBytes { bytes in
            let parts = (0..<16).map { UnsafeRawBufferPointer(rebasing: bytes[$0 * length..<($0 + 1) * length]) }
            let sha1 = bench.time { hasher.advance(&states, over: parts) }
            bench.say("hash/SHA-1 \(kernel.name)", gibibytes / sha1 * 1e9, "GiB/s")
            let sha256 = bench.time { keep(SHA256.digests(of: parts, kernel: kernel)) }
            bench.say("hash/SHA-256 \(kernel.name)", gibibytes / sha256 * 1e9, "GiB/s")
        }
    }
    keep(data)
}
