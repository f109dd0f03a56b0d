/// What a whole sequence of ECMA-48 means: `ESC [ 1 ; 5 C`, or the short `ESC O C`.
struct SequenceMeaning {
    private let numbers: [Int]
    private let last: UInt8
    private let isShort: Bool
    private let hasAlt: Bool
    /// `ESC [ [ A` of the Linux console.
    private let isFunctionKey: Bool

    init(_ parameters: ArraySlice<UInt8>, last: UInt8, isShort: Bool, hasAlt: Bool) {
        numbers = parameters.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map { digits in
            digits.count > 4 ? 0 : digits.reduce(0) { $0 * 10 + (0x30...0x39 ~= $1 ? Int($1) - 0x30 : 0) }
        }
        self.last = last
        isFunctionKey = parameters.first == UInt8(ascii: "[")
        self.isShort = isShort
        self.hasAlt = hasAlt
    }

    var beginsPaste: Bool { number == 200 && last == UInt8(ascii: "~") }

    private var number: Int { numbers.first ?? 0 }

    /// With Ctrl or Alt: xterm says one more than the sum of 1 for Shift, 2 for Alt, 4 for Ctrl.
    private var isByWords: Bool {
        let modifiers = numbers.count > 1 ? numbers[1] : isShort ? number : 0
        return hasAlt || max(0, modifiers - 1) & 6 != 0
    }

    var key: Key {
        if isFunctionKey { return .unknown }
        return switch Character(Unicode.Scalar(last)) {
        case "A": .up
        case "B": .down
        case "C": isByWords ? .wordRight : .right
        case "D": isByWords ? .wordLeft : .left
        // rxvt: with Ctrl if short, else with Shift.
        case "c": isShort || hasAlt ? .wordRight : .right
        case "d": isShort || hasAlt ? .wordLeft : .left
        case "H": .home
        case "F": .end
        case "M" where isShort: .enter
        case "~", "$", "^", "@": numbered
        default: .unknown
        }
    }

    private var numbered: Key {
        switch number {
        case 1, 7: .home
        case 4, 8: .end
        case 3: .delete
        default: .unknown
        }
    }
}
