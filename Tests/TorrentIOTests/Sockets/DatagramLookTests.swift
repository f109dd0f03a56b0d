import Testing
import TorrentCore
import TorrentIO

/// Whose a datagram is, by its bytes.
@Suite struct DatagramLookTests {
    private static func look(_ bytes: [UInt8]) -> DatagramLook? { bytes.withBytes { DatagramLook($0) } }

    private static let utpHeader: [UInt8] = [0x41] + [UInt8](repeating: 0, count: 19)

    @Test(
        arguments: [
            (Array("d1:rd2:id20:abcdefghij0123456789e1:t2:aa1:y1:re".utf8), .dht), ([UInt8(ascii: "d")], .dht),
            (utpHeader, .utp), ([0x01] + utpHeader.dropFirst() + [7], .utp), ([0x21] + utpHeader.dropFirst(), .utp),
            // Cut short, of a type or a version that there is not.
            (Array(utpHeader.dropLast()), nil), ([0x51] + utpHeader.dropFirst(), nil),
            ([0x42] + utpHeader.dropFirst(), nil), ([0x40] + utpHeader.dropFirst(), nil),
            ([0, 0, 0, 0, 1, 2, 3, 4], .trackerAnswer), ([0, 0, 0, 3, 1, 2, 3, 4, 65], .trackerAnswer),
            ([0, 0, 0, 1] + [UInt8](repeating: 9, count: 2_000), .trackerAnswer),
            ([0, 0, 0, 4, 1, 2, 3, 4], nil), ([0, 0, 1, 0, 1, 2, 3, 4], nil), ([0, 0, 0, 0, 1, 2, 3], nil),
            ([], nil), ([0], nil), (Array("hello, is anybody there?".utf8), nil),
        ] as [([UInt8], DatagramLook?)])
    func isTold(bytes: [UInt8], look: DatagramLook?) {
        #expect(Self.look(bytes) == look)
    }
}
