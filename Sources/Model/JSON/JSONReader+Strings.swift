extension JSONReader {
    /// Reads a string.
    public mutating func readString() throws(Failure) -> String {
        String(decoding: try readBytes(), as: UTF8.self)
    }

    /// Reads a string as the UTF-8 that it spells.
    public mutating func readBytes() throws(Failure) -> [UInt8] {
        guard accept("\"") else { throw failure("expected a string") }
        let start = offset
        var text: [UInt8] = []
        while let byte = next, byte != ascii("\"") {
            guard byte >= 0x20 else { throw failure("control character in a string") }
            advance(by: 1)
            if byte == ascii("\\") { try readEscape(into: &text) } else { text.append(byte) }
        }
        guard acceptSymbol("\"") else { throw failure("string without end", at: start - 1) }
        guard (try? UTF8Span(validating: text.span)) != nil else { throw failure("string is not UTF-8", at: start) }
        return text
    }

    private mutating func readEscape(into text: inout [UInt8]) throws(Failure) {
        let start = offset - 1
        guard let byte = next else { throw failure("string without end") }
        advance(by: 1)
        switch byte {
        case ascii("\""), ascii("\\"), ascii("/"): text.append(byte)
        case ascii("b"): text.append(0x08)
        case ascii("f"): text.append(0x0C)
        case ascii("n"): text.append(0x0A)
        case ascii("r"): text.append(0x0D)
        case ascii("t"): text.append(0x09)
        case ascii("u"): text.append(contentsOf: String(try readScalar(from: start)).utf8)
        default: throw failure("unknown escape", at: start)
        }
    }

    /// Reads what follows `\u`: four digits, or a surrogate pair.
    private mutating func readScalar(from start: Int) throws(Failure) -> Unicode.Scalar {
        let first = try readHexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard UTF16.isLeadSurrogate(first), acceptSymbol("\\"), acceptSymbol("u") else {
            throw failure("half a surrogate pair", at: start)
        }
        let second = try readHexadecimal()
        guard UTF16.isTrailSurrogate(second) else { throw failure("half a surrogate pair", at: start) }
        return UTF16.decode(UTF16.EncodedScalar([first, second]))
    }

    private mutating func readHexadecimal() throws(Failure) -> UInt16 {
        let digits = bytes[offset...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ hexadecimalValue($0) != nil }) else {
            throw failure("expected four hexadecimal digits")
        }
        advance(by: 4)
        return digits.reduce(0) { $0 << 4 | UInt16(hexadecimalValue($1) ?? 0) }
    }
}

/// The value of an ASCII hexadecimal digit.
package func hexadecimalValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case ascii("0")...ascii("9"): byte - ascii("0")
    case ascii("a")...ascii("f"): byte - ascii("a") + 10
    case ascii("A")...ascii("F"): byte - ascii("A") + 10
    default: nil
    }
}
