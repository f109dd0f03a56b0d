import Testing
import TorrentCore

@Suite struct SipHashTests {
    @Test func `SipHash has its published values`() {
        // Key 00 01 .. 0f, messages 00, 00 01, ... of growing length: the vectors of its authors.
        let hash = SipHash(key: (0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908))
        #expect(hash.hash([]) == 0x726F_DB47_DD0E_0E31)
        #expect(hash.hash([0]) == 0x74F8_39C5_93DC_67FD)
        #expect(hash.hash(Array(0..<7)) == 0xAB02_00F5_8B01_D137)
        #expect(hash.hash(Array(0..<8)) == 0x93F5_F579_9A93_2462)
        #expect(hash.hash(Array(0..<15)) == 0xA129_CA61_49BE_45E5)
        let (first, second): (UInt64, UInt64) = (0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908)
        #expect(hash.hash(first, second) == hash.hash(Array(0..<16)))
        #expect(hash.hash(first, second, 0x1716_1514_1312_1110) == hash.hash(Array(0..<24)))
    }
}
