/// A bounded reader for JSON (RFC 8259) that comes from a file: it is pulled along by whoever knows what has to be
/// there, builds no tree, refuses duplicate names, and neither traps nor recurses without limit on any input.
struct JSONReader {
    private let file: String
    private let bytes: [UInt8]
    private var offset = 0
    private var depth = 0

    /// Reads `bytes`; `file` is named in errors.
    init(_ bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
    }

    /// Reads an object; `member` gets each name and has to read its value. `what` names the members in the error
    /// thrown where there are more than `limit`.
    mutating func readObject(
        of what: @autoclosure () -> String, atMost limit: Int = Limits.tensors,
        _ member: (inout JSONReader, String) throws(ModelFileError) -> Void
    ) throws(ModelFileError) {
        var names: Set<String> = []
        try readItems(from: "{", to: "}") { (reader) throws(ModelFileError) in
            let name = try reader.readString()
            guard names.insert(name).inserted else { throw reader.failure("name \(quoted(name)) is there twice") }
            guard names.count <= limit else { throw .tooMany(file: reader.file, what: what(), limit: limit) }
            try reader.expect(":")
            try member(&reader, name)
        }
    }

    /// Reads an array; `element` has to read each value.
    mutating func readArray(
        _ element: (inout JSONReader) throws(ModelFileError) -> Void
    ) throws(ModelFileError) {
        try readItems(from: "[", to: "]", element)
    }

    /// Reads an integer that is neither negative nor above `Int.max`.
    mutating func readCount() throws(ModelFileError) -> Int {
        skipSpace()
        let start = offset
        guard next.map(isDigit) == true else { throw failure("expected a non-negative integer") }
        try skipNumber()
        guard let count = Int(String(decoding: bytes[start..<offset], as: UTF8.self)) else {
            throw failure("expected a non-negative integer of at most 63 bits", at: start)
        }
        return count
    }

    /// Reads an object whose values are strings.
    mutating func readStrings(of what: @autoclosure () -> String) throws(ModelFileError) -> [String: String] {
        var strings: [String: String] = [:]
        try readObject(of: what()) { (reader, name) throws(ModelFileError) in strings[name] = try reader.readString() }
        return strings
    }

    /// Reads past any value, checking its grammar.
    mutating func skipValue() throws(ModelFileError) {
        skipSpace()
        switch next {
        case ascii("{"): try readObject(of: "names") { (reader, _) throws(ModelFileError) in try reader.skipValue() }
        case ascii("["): try readArray { (reader) throws(ModelFileError) in try reader.skipValue() }
        case ascii("\""): _ = try readString()
        case ascii("t"): try skipWord("true")
        case ascii("f"): try skipWord("false")
        case ascii("n"): try skipWord("null")
        default: try skipNumber()
        }
    }

    /// Checks that only white space is left.
    mutating func finish() throws(ModelFileError) {
        skipSpace()
        guard offset == bytes.count else { throw failure("text after the end") }
    }

    /// The error that tells `reason` at the place reached, or at `place`.
    func failure(_ reason: String, at place: Int? = nil) -> ModelFileError {
        .invalidJSON(file: file, offset: place ?? offset, reason: reason)
    }
}

extension JSONReader {
    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || (byte >= 0x09 && byte <= 0x0D && byte != 0x0B && byte != 0x0C) {
            offset += 1
        }
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == ascii(character) else { return false }
        offset += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(ModelFileError) {
        guard accept(character) else { throw failure("expected \(character)") }
    }

    private mutating func readItems(
        from opening: Unicode.Scalar, to closing: Unicode.Scalar,
        _ item: (inout JSONReader) throws(ModelFileError) -> Void
    ) throws(ModelFileError) {
        try expect(opening)
        guard depth < Limits.nesting else { throw failure("nested more than \(Limits.nesting) deep") }
        depth += 1
        defer { depth -= 1 }
        if accept(closing) { return }
        repeat { try item(&self) } while accept(",")
        try expect(closing)
    }

    private mutating func skipWord(_ word: StaticString) throws(ModelFileError) {
        let text = word.description.utf8
        guard bytes[offset...].starts(with: text) else { throw failure("expected \(word)") }
        offset += text.count
    }

    private mutating func skipNumber() throws(ModelFileError) {
        let start = offset
        _ = acceptSymbol("-")
        if acceptSymbol("0") {
            guard next.map(isDigit) != true else { throw failure("a number with a leading zero", at: start) }
        } else {
            try skipDigits()
        }
        if acceptSymbol(".") { try skipDigits() }
        if acceptSymbol("e") || acceptSymbol("E") {
            if !acceptSymbol("+") { _ = acceptSymbol("-") }
            try skipDigits()
        }
    }

    private mutating func acceptSymbol(_ character: Unicode.Scalar) -> Bool {
        guard next == ascii(character) else { return false }
        offset += 1
        return true
    }

    private mutating func skipDigits() throws(ModelFileError) {
        guard next.map(isDigit) == true else { throw failure("expected a value") }
        while let byte = next, isDigit(byte) { offset += 1 }
    }
}

// MARK: Strings

extension JSONReader {
    /// Reads a string.
    mutating func readString() throws(ModelFileError) -> String {
        guard accept("\"") else { throw failure("expected a string") }
        let start = offset
        var text: [UInt8] = []
        while let byte = next, byte != ascii("\"") {
            guard byte >= 0x20 else { throw failure("control character in a string") }
            offset += 1
            if byte == ascii("\\") { try readEscape(into: &text) } else { text.append(byte) }
        }
        guard acceptSymbol("\"") else { throw failure("string without end", at: start - 1) }
        guard let string = String(validating: text, as: UTF8.self) else {
            throw failure("string is not UTF-8", at: start)
        }
        return string
    }

    private mutating func readEscape(into text: inout [UInt8]) throws(ModelFileError) {
        let start = offset - 1
        guard let byte = next else { throw failure("string without end") }
        offset += 1
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
    private mutating func readScalar(from start: Int) throws(ModelFileError) -> Unicode.Scalar {
        let first = try readHexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard UTF16.isLeadSurrogate(first), acceptSymbol("\\"), acceptSymbol("u") else {
            throw failure("half a surrogate pair", at: start)
        }
        let second = try readHexadecimal()
        guard UTF16.isTrailSurrogate(second) else { throw failure("half a surrogate pair", at: start) }
        return UTF16.decode(UTF16.EncodedScalar([first, second]))
    }

    private mutating func readHexadecimal() throws(ModelFileError) -> UInt16 {
        let digits = bytes[offset...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ hexadecimalValue($0) != nil }) else {
            throw failure("expected four hexadecimal digits")
        }
        offset += 4
        return digits.reduce(0) { $0 << 4 | UInt16(hexadecimalValue($1) ?? 0) }
    }
}

private func ascii(_ character: Unicode.Scalar) -> UInt8 { UInt8(ascii: character) }

private func isDigit(_ byte: UInt8) -> Bool { byte >= ascii("0") && byte <= ascii("9") }

/// The value of an ASCII hexadecimal digit.
func hexadecimalValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case ascii("0")...ascii("9"): byte - ascii("0")
    case ascii("a")...ascii("f"): byte - ascii("a") + 10
    case ascii("A")...ascii("F"): byte - ascii("A") + 10
    default: nil
    }
}
