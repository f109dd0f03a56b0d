/// Numbers as people read them: sizes in powers of 1,024, thousands set apart, times as a clock shows them.
package enum HumanUnits {
    private static let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

    /// "0 B", "16 KiB", "3.2 GiB": at most three digits, with tenths for small numbers.
    package static func size(_ bytes: Int64) -> String {
        guard bytes >= 0 else { return "-" + size(bytes == .min ? .max : -bytes) }
        var unit = 0
        while unit < units.count - 1, bytes >> (10 * Int64(unit)) >= 1_024 { unit += 1 }
        let whole = Int64(1) << (10 * Int64(unit))
        if bytes.isMultiple(of: whole) { return "\(bytes / whole) \(units[unit])" }
        // Tenths, rounded half up; unsigned, since ten times a remainder below 2^60 does not fit otherwise.
        let tenths = bytes / whole * 10 + Int64((UInt64(bytes % whole) * 10 + UInt64(whole) / 2) / UInt64(whole))
        if tenths < 1_000 { return "\(tenths / 10).\(tenths % 10) \(units[unit])" }
        let rounded = (tenths + 5) / 10
        return rounded == 1_024 && unit < units.count - 1 ? "1.0 \(units[unit + 1])" : "\(rounded) \(units[unit])"
    }

    /// "112 MiB/s", of bytes a second.
    package static func rate(_ bytesPerSecond: Double) -> String {
        guard bytesPerSecond.isFinite, bytesPerSecond > 0 else { return "0 B/s" }
        return size(Int64(min(bytesPerSecond.rounded(), 9e18))) + "/s"
    }

    /// "1,640".
    package static func count(_ number: some BinaryInteger) -> String {
        let digits = Array(String(number.magnitude))
        var text = number < 0 ? "-" : ""
        for (position, digit) in digits.enumerated() {
            if position > 0, (digits.count - position).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return text
    }

    /// "1 file", "214 files".
    package static func count(_ number: some BinaryInteger, _ one: String, _ many: String) -> String {
        "\(count(number)) \(number == 1 ? one : many)"
    }

    /// "0:17", "1:02:03", "3 d 4 h".
    package static func duration(seconds: Int64) -> String {
        let seconds = max(0, seconds)
        if seconds >= 86_400 { return "\(count(seconds / 86_400)) d \(seconds % 86_400 / 3_600) h" }
        let pair = "\(twoDigits(seconds % 60))"
        let minutes = seconds / 60
        return minutes < 60 ? "\(minutes):\(pair)" : "\(minutes / 60):\(twoDigits(minutes % 60)):\(pair)"
    }

    /// As `duration(seconds:)`, parts of a second cut off.
    package static func duration(_ duration: Duration) -> String {
        self.duration(seconds: duration.components.seconds)
    }

    /// "43 %", and never "100 %" before the last byte is there.
    package static func percentage(_ done: Int64, of total: Int64) -> String {
        guard total > 0, done < total else { return "100 %" }
        return "\(min(99, Int(Double(max(0, done)) / Double(total) * 100))) %"
    }

    /// A date and time in UTC from the seconds since 1970: "2026-11-21 11:05:09 UTC" (proleptic Gregorian calendar).
    package static func date(unixSeconds: Int64) -> String {
        guard (-62_135_596_800..<253_402_300_800).contains(unixSeconds) else { return "\(unixSeconds) s since 1970" }
        let day = unixSeconds >= 0 ? unixSeconds / 86_400 : (unixSeconds - 86_399) / 86_400
        let second = unixSeconds - day * 86_400
        let date = CivilDate(daysSince1970: day)
        let year = String(date.year)
        return String(repeating: "0", count: 4 - year.count)
            + "\(year)-\(twoDigits(date.month))-\(twoDigits(date.day)) "
            + "\(twoDigits(second / 3_600)):\(twoDigits(second % 3_600 / 60)):\(twoDigits(second % 60)) UTC"
    }

    private static func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
