import Testing
import TorrentCore
import TorrentIO

/// Signatures of Ed25519, where the system has a libcrypto.
@Suite struct SignatureCheckerTests {
    private static let key = "77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548"

    /// The examples of BEP 44.
    @Test(
        .enabled(if: SignatureChecker.system != nil, "there is no libcrypto here that checks signatures of Ed25519"),
        arguments: [
            (
                "3:seqi1e1:v12:Hello World!",
                "305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff"
                    + "1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01"
            ),
            (
                "4:salt6:foobar3:seqi1e1:v12:Hello World!",
                "6834284b6b24c3204eb2fea824d82f88883a3d95e8b4a21b8c0ded553d17d17d"
                    + "df9a8a7104b1258f30bed3787e6cb896fca78c58f8e03b5f18f14951a87d9a08"
            ),
        ])
    func examplesOfTheStandard(message: String, signature: String) throws {
        let checker = try #require(SignatureChecker.system)
        let (key, signature) = (try #require([UInt8](hex: Self.key)), try #require([UInt8](hex: signature)))
        let message = Array(message.utf8)
        #expect(checker.isRight(signature, of: message, by: key))
        // One bit of anything makes it wrong.
        for bit in stride(from: 0, to: 256, by: 37) {
            var (otherKey, otherSignature, otherMessage) = (key, signature, message)
            otherKey[bit / 8] ^= 1 << UInt8(bit % 8)
            otherSignature[bit / 8 * 2] ^= 1 << UInt8(bit % 8)
            otherMessage[bit / 8 % message.count] ^= 1 << UInt8(bit % 8)
            #expect(!checker.isRight(signature, of: message, by: otherKey))
            #expect(!checker.isRight(otherSignature, of: message, by: key))
            #expect(!checker.isRight(signature, of: otherMessage, by: key))
        }
        #expect(!checker.isRight(signature, of: [], by: key))
        #expect(!checker.isRight(Array(signature.dropLast()), of: message, by: key))
        #expect(!checker.isRight(signature, of: message, by: key + [0]))
        #expect(!checker.isRight([UInt8](repeating: 0, count: 64), of: message, by: [UInt8](repeating: 255, count: 32)))
    }

    @Test func aSystemMayHaveNone() {
        #expect(SignatureChecker(library: "libp2p-there-is-no-such-thing.so.1") == nil)
        // A library, but another one.
        #expect(SignatureChecker(library: "libc.so.6") == nil)
    }
}
