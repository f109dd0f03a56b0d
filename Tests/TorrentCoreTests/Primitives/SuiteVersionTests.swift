import Testing

@testable import TorrentCore

@Suite struct SuiteVersionTests {
    @Test func everyFormSaysTheSame() {
        #expect(SuiteVersion.text.filter { $0 != "." } + "0" == SuiteVersion.fourDigits)
        #expect(SuiteVersion.text.hasPrefix(SuiteVersion.short + "."))
        #expect(SuiteVersion.peer == "p2p-peer " + SuiteVersion.text)
        #expect(PeerID.clientPrefix == Array("-PS\(SuiteVersion.fourDigits)-".utf8) && PeerID.clientPrefix.count == 8)
    }
}
