/// The bytes of a pickle, read from a map in pieces, so that neither the pickle nor what lies behind it is held whole.
struct PickleInput {
    /// The file, and the part of it in which the pickle lies, perhaps with more behind it.
    let file: MappedFile
    let range: Range<Int>
    /// Bytes read so far.
    private(set) var position = 0
    private var piece: [UInt8] = []
    private var pieceStart = 0

    private static let pieceBytes = 1 << 16

    init(file: MappedFile, range: Range<Int>) {
        self.file = file
        self.range = range.lowerBound..<min(range.upperBound, range.lowerBound + Limits.pickleBytes)
    }

    /// Bytes of the file from the start of the pickle to the next one read.
    var end: Int { range.lowerBound + position }

    /// The next byte.
    mutating func byte() throws(ModelFileError) -> UInt8 {
        if position < pieceStart || position >= pieceStart + piece.count { try readPiece() }
        defer { position += 1 }
        return piece[position - pieceStart]
    }

    /// The next bytes as a little-endian integer.
    mutating func integer<Integer: FixedWidthInteger>(_: Integer.Type) throws(ModelFileError) -> Integer {
        var value: Integer = 0
        for shift in stride(from: 0, to: Integer.bitWidth, by: 8) {
            value |= Integer(truncatingIfNeeded: try byte()) << Integer(truncatingIfNeeded: shift)
        }
        return value
    }

    /// The next so many bytes, which are passed over.
    mutating func text(count: some BinaryInteger) throws(ModelFileError) -> PickleText {
        guard count >= 0, count <= range.count - position else { throw failure("it ends within a text") }
        defer { position += Int(count) }
        return PickleText(start: UInt32(position), count: UInt32(count))
    }

    /// The text up to the next end of line.
    mutating func line() throws(ModelFileError) -> PickleText {
        let start = position
        while try byte() != UInt8(ascii: "\n") {
            guard position - start <= Limits.pickleNameBytes else { throw failure("a name is too long") }
        }
        return PickleText(start: UInt32(start), count: UInt32(position - 1 - start))
    }

    /// A text as a string; nil where it is long or not UTF-8.
    func string(_ text: PickleText) -> String? {
        guard text.count <= Limits.pickleNameBytes else { return nil }
        return String(validating: bytes(of: text), as: UTF8.self)
    }

    /// A class's or function's name as a string.
    func string(_ name: GlobalName) -> String {
        let parts = [name.module, name.name].map { string($0) ?? "…" }
        return parts.joined(separator: ".")
    }

    /// The bytes of a text, at most so many.
    func bytes(of text: PickleText, atMost limit: Int = Limits.pickleNameBytes) -> [UInt8] {
        let start = range.lowerBound + Int(text.start)
        return file.withBytes(in: start..<start + min(limit, Int(text.count))) { bytes in
            bytes.withUnsafeBytes { Array($0) }
        }
    }

    /// The error that tells `reason` at the place reached.
    func failure(_ reason: String) -> ModelFileError {
        .invalidPickle(file: file.path, offset: position, reason: reason)
    }

    private mutating func readPiece() throws(ModelFileError) {
        let start = range.lowerBound + position
        let next = start..<min(start + Self.pieceBytes, range.upperBound)
        guard !next.isEmpty else {
            throw failure(
                position == Limits.pickleBytes ? "it is longer than \(Limits.pickleBytes) bytes" : "it has no end")
        }
        piece = file.withBytes(in: next) { bytes in bytes.withUnsafeBytes { Array($0) } }
        pieceStart = position
        file.advise(.release, next)
    }
}
