import Testing
import TorrentCore

@Suite struct AllowanceTests {
    @Test func soManyAtOnceThenSoManyASecond() {
        var allowance = Allowance(aSecond: 50, atOnce: 16)
        #expect((0..<16).allSatisfy { _ in allowance.take(at: .zero) })
        #expect(allowance.take(at: .zero) == false)
        #expect(allowance.next == .zero + .milliseconds(20))
        #expect(allowance.left(at: .zero) == 0)
        var taken = 0
        for millisecond in 1...1_000 where allowance.take(at: .zero + .milliseconds(millisecond)) { taken += 1 }
        #expect(taken == 50)
        #expect(allowance.left(at: .zero + .seconds(60)) == 16)
    }

    @Test func aSecondsWorthAtOnceIsTheCustom() {
        var allowance = Allowance(aSecond: 1_000)
        #expect(!allowance.allows(1_001, at: .zero))
        #expect(allowance.take(1_000, at: .zero) == true)
        #expect(!allowance.allows(at: .zero))
        #expect(allowance.take(250, at: .zero + .milliseconds(250)) == true)
    }

    @Test func aPartIsTheUpperPart() {
        var allowance = Allowance(aSecond: 1_000)
        #expect(!allowance.allows(501, ofPart: 0.5, at: .zero))
        #expect(allowance.take(500, ofPart: 0.5, at: .zero) == true)
        #expect(!allowance.allows(ofPart: 0.5, at: .zero) && allowance.allows(500, at: .zero))
    }

    @Test func itIsWholeWhenAllThatWasUsedIsThereAgain() {
        var allowance = Allowance(aSecond: 4, atOnce: 60)
        #expect(allowance.isWhole(at: .zero))
        #expect(allowance.take(8, at: .zero + .seconds(9)) == true)
        #expect(!allowance.isWhole(at: .zero + .milliseconds(10_999)))
        #expect(allowance.isWhole(at: .zero + .seconds(11)))
    }
}
