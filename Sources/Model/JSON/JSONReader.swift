/// A bounded reader for JSON (RFC 8259) that comes from a file: it is pulled along by whoever knows what has to be
/// there, builds no tree, refuses duplicate names, and neither traps nor recurses without limit on any input. Names that
/// differ in a byte are different names.
public struct JSONReader<Failure: JSONFailure> {
    private let file: String
    let bytes: [UInt8]
    private(set) var offset = 0
    private var depth = 0

    /// Reads `bytes`; `file` is named in errors.
    public init(_ bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
    }

    /// Reads an object; `member` gets each name and has to read its value. `what` names the members in the error
    /// thrown where there are more than `limit`.
    public mutating func readObject(
        of what: @autoclosure () -> String, atMost limit: Int = JSONLimits.names,
        _ member: (inout JSONReader, String) throws(Failure) -> Void
    ) throws(Failure) {
        try readMembers(of: what(), atMost: limit) { (reader, name) throws(Failure) in
            try member(&reader, String(decoding: name, as: UTF8.self))
        }
    }

    /// Reads an object as ``readObject(of:atMost:_:)`` does, with names as the UTF-8 that they spell.
    public mutating func readMembers(
        of what: @autoclosure () -> String, atMost limit: Int = JSONLimits.names,
        _ member: (inout JSONReader, [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        var names: Set<[UInt8]> = []
        try readItems(from: "{", to: "}") { (reader) throws(Failure) in
            let name = try reader.readBytes()
            guard names.insert(name).inserted else { throw reader.failure("name \(quoted(name)) is there twice") }
            guard names.count <= limit else { throw reader.tooMany(what(), limit: limit) }
            try reader.expect(":")
            try member(&reader, name)
        }
    }

    /// Reads an array; `element` has to read each value.
    public mutating func readArray(
        _ element: (inout JSONReader) throws(Failure) -> Void
    ) throws(Failure) {
        try readItems(from: "[", to: "]", element)
    }

    /// Reads an integer that is neither negative nor above `Int.max`.
    public mutating func readCount() throws(Failure) -> Int {
        skipSpace()
        let start = offset
        guard next.map(isDigit) == true else { throw failure("expected a non-negative integer") }
        try skipNumber()
        guard let count = Int(String(decoding: bytes[start..<offset], as: UTF8.self)) else {
            throw failure("expected a non-negative integer of at most 63 bits", at: start)
        }
        return count
    }

    /// Reads true or false.
    public mutating func readBool() throws(Failure) -> Bool {
        skipSpace()
        if next == ascii("t") {
            try skipWord("true")
            return true
        }
        guard next == ascii("f") else { throw failure("expected true or false") }
        try skipWord("false")
        return false
    }

    /// Reads `null` if that comes next, and tells whether it did.
    public mutating func readNull() throws(Failure) -> Bool {
        skipSpace()
        guard next == ascii("n") else { return false }
        try skipWord("null")
        return true
    }

    /// Whether an array comes next.
    public mutating func isAtArray() -> Bool {
        skipSpace()
        return next == ascii("[")
    }

    /// Reads an object whose values are strings.
    public mutating func readStrings(of what: @autoclosure () -> String) throws(Failure) -> [String: String] {
        var strings: [String: String] = [:]
        try readObject(of: what()) { (reader, name) throws(Failure) in strings[name] = try reader.readString() }
        return strings
    }

    /// Reads past any value, checking its grammar.
    public mutating func skipValue() throws(Failure) {
        skipSpace()
        switch next {
        case ascii("{"): try readObject(of: "names") { (reader, _) throws(Failure) in try reader.skipValue() }
        case ascii("["): try readArray { (reader) throws(Failure) in try reader.skipValue() }
        case ascii("\""): _ = try readString()
        case ascii("t"): try skipWord("true")
        case ascii("f"): try skipWord("false")
        case ascii("n"): try skipWord("null")
        default: try skipNumber()
        }
    }

    /// Checks that only white space is left.
    public mutating func finish() throws(Failure) {
        skipSpace()
        guard offset == bytes.count else { throw failure("text after the end") }
    }

    /// The error that tells `reason` at the place reached, or at `place`.
    public func failure(_ reason: String, at place: Int? = nil) -> Failure {
        if let reason = damagedDownload(bytes) { return .damaged(file: file, reason: reason) }
        let end = offset >= bytes.count ? "; the text ends here, is it cut off?" : ""
        return .invalidJSON(file: file, offset: place ?? offset, reason: reason + end)
    }

    /// The error for more than `limit` of something.
    public func tooMany(_ what: String, limit: Int) -> Failure { .tooMany(file: file, what: what, limit: limit) }
}

extension JSONReader {
    mutating func advance(by count: Int) { offset += count }

    var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || (byte >= 0x09 && byte <= 0x0D && byte != 0x0B && byte != 0x0C) {
            offset += 1
        }
    }

    mutating func accept(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == ascii(character) else { return false }
        offset += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(Failure) {
        guard accept(character) else { throw failure("expected \(character)") }
    }

    private mutating func readItems(
        from opening: Unicode.Scalar, to closing: Unicode.Scalar,
        _ item: (inout JSONReader) throws(Failure) -> Void
    ) throws(Failure) {
        try expect(opening)
        guard depth < JSONLimits.nesting else { throw failure("nested more than \(JSONLimits.nesting) deep") }
        depth += 1
        defer { depth -= 1 }
        if accept(closing) { return }
        repeat { try item(&self) } while accept(",")
        try expect(closing)
    }

    mutating func skipWord(_ word: StaticString) throws(Failure) {
        let text = word.description.utf8
        guard bytes[offset...].starts(with: text) else { throw failure("expected \(word)") }
        offset += text.count
    }

    mutating func skipNumber() throws(Failure) {
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

    mutating func acceptSymbol(_ character: Unicode.Scalar) -> Bool {
        guard next == ascii(character) else { return false }
        offset += 1
        return true
    }

    private mutating func skipDigits() throws(Failure) {
        guard next.map(isDigit) == true else { throw failure("expected a value") }
        while let byte = next, isDigit(byte) { offset += 1 }
    }
}

func ascii(_ character: Unicode.Scalar) -> UInt8 { UInt8(ascii: character) }

func isDigit(_ byte: UInt8) -> Bool { byte >= ascii("0") && byte <= ascii("9") }
