/// Reads the few things a vocab.json is made of, strings as the exact bytes they spell.
struct JSONReader {
    private let file: String
    private let bytes: [UInt8]
    private var position = 0

    init(_ file: TokenizerFile) {
        self.file = file.name
        bytes = file.contents
    }

    /// Takes a punctuation mark and the white space before it, if it comes next.
    mutating func skip(_ mark: Unicode.Scalar) throws(TokenizerError) -> Bool {
        skipWhitespace()
        guard position < bytes.count else { throw endedEarly() }
        guard bytes[position] == UInt8(ascii: mark) else { return false }
        position += 1
        return true
    }

    /// Takes a punctuation mark that has to come next.
    mutating func expect(_ mark: Unicode.Scalar) throws(TokenizerError) {
        if try !skip(mark) {
            throw error("expected \(mark) but found \(quoted([bytes[position]]))")
        }
    }

    /// Makes sure that nothing is left.
    mutating func expectEnd() throws(TokenizerError) {
        skipWhitespace()
        if position < bytes.count { throw error("there is more after the closing }") }
    }

    /// Takes a whole number from 0 up to a bound.
    mutating func readInteger(
        describedAs what: @autoclosure () -> String, below bound: Int
    ) throws(TokenizerError) -> Int {
        skipWhitespace()
        let start = position
        var value = 0
        while position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit < 10 {
            value = value * 10 + Int(digit)
            guard value < bound else { throw error("\(what()) is not below \(bound)") }
            position += 1
        }
        guard position < bytes.count else { throw endedEarly() }
        let hasLeadingZero = position - start > 1 && bytes[start] == UInt8(ascii: "0")
        let goesOn = [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(bytes[position])
        guard position > start, !hasLeadingZero, !goesOn else {
            throw error("\(what()) is not a whole number of 0 or more")
        }
        return value
    }

    /// Takes a string and returns the UTF-8 of what it spells.
    mutating func readString() throws(TokenizerError) -> [UInt8] {
        try expect("\"")
        var result: [UInt8] = []
        while true {
            let byte = try next()
            switch byte {
            case UInt8(ascii: "\""): return result
            case UInt8(ascii: "\\"): try readEscape(into: &result)
            case ..<0x20: throw error("a control character inside a string")
            default: result.append(byte)
            }
        }
    }

    private mutating func readEscape(into result: inout [UInt8]) throws(TokenizerError) {
        switch try next() {
        case UInt8(ascii: "\""): result.append(UInt8(ascii: "\""))
        case UInt8(ascii: "\\"): result.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "/"): result.append(UInt8(ascii: "/"))
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"): result.append(contentsOf: UTF8.encode(try readScalar())!)
        default: throw error("an unknown escape in a string")
        }
    }

    /// The scalar of a `\u` escape, or of a surrogate pair of two.
    private mutating func readScalar() throws(TokenizerError) -> Unicode.Scalar {
        var value = try readFourHexadecimalDigits()
        if 0xD800..<0xDC00 ~= value, try next() == UInt8(ascii: "\\"), try next() == UInt8(ascii: "u") {
            let low = try readFourHexadecimalDigits()
            // A value that stays a surrogate is refused below.
            if 0xDC00..<0xE000 ~= low { value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00) }
        }
        guard let scalar = Unicode.Scalar(value) else { throw error("half a surrogate pair in a string") }
        return scalar
    }

    private mutating func readFourHexadecimalDigits() throws(TokenizerError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(try next())).hexDigitValue else {
                throw error("a \\u without four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private mutating func next() throws(TokenizerError) -> UInt8 {
        guard position < bytes.count else { throw endedEarly() }
        position += 1
        return bytes[position - 1]
    }

    private mutating func skipWhitespace() {
        while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) {
            position += 1
        }
    }

    private func endedEarly() -> TokenizerError {
        TokenizerError(file, "ends in the middle of the JSON object; is it cut off?")
    }

    private func error(_ problem: String) -> TokenizerError {
        TokenizerError(file, "byte \(position): \(problem)")
    }
}
