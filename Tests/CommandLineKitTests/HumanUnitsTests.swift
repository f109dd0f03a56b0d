import CommandLineKit
import Testing

@Suite struct HumanUnitsTests {
    @Test(
        arguments: [
            (0, "0 B"), (1_023, "1023 B"), (1_024, "1 KiB"), (16_384, "16 KiB"), (1_536, "1.5 KiB"),
            (3_435_973_837, "3.2 GiB"), (102_350, "100 KiB"), (102_348, "99.9 KiB"), (1_048_575, "1.0 MiB"),
            (1_073_741_823, "1.0 GiB"), (2 << 20, "2 MiB"), (.max, "8.0 EiB"), (-2_048, "-2 KiB"),
        ] as [(Int64, String)])
    func saysSizes(_ bytes: Int64, _ text: String) {
        #expect(HumanUnits.size(bytes) == text)
    }

    @Test(arguments: [(0, "0 B/s"), (.nan, "0 B/s"), (.infinity, "0 B/s"), (-5, "0 B/s"), (117_440_512, "112 MiB/s")])
    func saysRates(_ rate: Double, _ text: String) {
        #expect(HumanUnits.rate(rate) == text)
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1_640, "1,640"), (-1_234_567, "-1,234,567")])
    func saysCounts(_ number: Int, _ text: String) {
        #expect(HumanUnits.count(number) == text)
    }

    @Test(
        arguments: [
            (0, "0:00"), (17, "0:17"), (3_599, "59:59"), (3_723, "1:02:03"), (86_400, "1 d 0 h"), (-3, "0:00"),
        ] as [(Int64, String)])
    func saysDurations(_ seconds: Int64, _ text: String) {
        #expect(HumanUnits.duration(seconds: seconds) == text)
    }

    @Test func saysAHundredPercentOnlyAtTheEnd() {
        #expect(HumanUnits.percentage(999_999, of: 1_000_000) == "99 %")
        #expect(HumanUnits.percentage(5, of: 5) == "100 %")
        #expect(HumanUnits.percentage(0, of: 0) == "100 %")
        #expect(HumanUnits.percentage(-1, of: 7) == "0 %")
    }

    @Test(
        arguments: [
            (0, "1970-01-01 00:00:00 UTC"), (951_827_696, "2000-02-29 12:34:56 UTC"), (-1, "1969-12-31 23:59:59 UTC"),
            (253_402_300_799, "9999-12-31 23:59:59 UTC"),
        ] as [(Int64, String)])
    func saysDates(_ seconds: Int64, _ text: String) {
        #expect(HumanUnits.date(unixSeconds: seconds) == text)
    }

    @Test func daysGoThereAndBack() {
        for day in stride(from: Int64(-700_000), to: 2_900_000, by: 97) {
            let date = CivilDate(daysSince1970: day)
            #expect(CivilDate(year: date.year, month: date.month, day: date.day)?.daysSince1970 == day)
        }
        #expect(CivilDate(year: 2_023, month: 2, day: 29) == nil)
        #expect(CivilDate(year: 2_024, month: 2, day: 29)?.daysSince1970 == 19_782)
    }
}
