/// Lends all arrays at once, each at its own odd address.
func withBuffers<Result>(_ arrays: [[UInt8]], _ body: ([UnsafeRawBufferPointer]) -> Result) -> Result {
    var joined: [UInt8] = []
    var ranges: [Range<Int>] = []
    for array in arrays {
        joined.append(0)
        ranges.append(joined.count..<joined.count + array.count)
        joined += array
    }
    return joined.withUnsafeBytes { bytes in body(ranges.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }) }
}
