/// The directory of a zip archive (PKWARE's APPNOTE 6.3.10, with its zip64 records): which file lies where. Only files
/// that are stored as they are can be mapped; others are known by name and refused when they are needed.
struct ZipArchive {
    /// A file in the archive, as the central directory has it.
    struct Entry {
        let name: String
        /// Of the local header, which says where the bytes begin.
        let headerOffset: Int
        let byteCount: Int
        let crc: UInt32
        /// Why it cannot be mapped; nil where it can.
        let obstacle: Obstacle?
    }

    /// Why the bytes of a file are not in the archive as they are.
    enum Obstacle: String {
        case encrypted = "is encrypted"
        case compressed = "is compressed, which torch.save never does; pack it anew without compression"
        case sizes = "has two different sizes"
    }

    /// The files by name.
    let entries: [String: Entry]
    /// Where the central directory starts; the files lie before it.
    let directoryOffset: Int

    /// Reads the directory at the end of `file`. Throws ``ModelFileError/pyTorch(file:tensor:reason:)`` for one that is
    /// damaged, and ``ModelFileError/tooMany(file:what:limit:)``.
    init(_ file: borrowing ReadOnlyFile) throws(ModelFileError) {
        let end = try ZipDirectoryEnd(file)
        guard end.entryCount <= Limits.archiveEntries else {
            throw .tooMany(file: file.path, what: "files in the archive", limit: Limits.archiveEntries)
        }
        var record = LittleEndianReader(try file.read(at: end.offset, count: end.byteCount))
        var entries: [String: Entry] = [:]
        for _ in 0..<end.entryCount {
            guard let entry = Self.readEntry(&record) else { throw Self.damaged(file.path, "its directory is damaged") }
            guard entries.updateValue(entry, forKey: entry.name) == nil else {
                throw Self.damaged(file.path, "\(quoted(entry.name)) is there twice")
            }
        }
        self.entries = entries
        directoryOffset = end.offset
    }

    /// Where the bytes of an entry lie in `file`. Throws ``ModelFileError/pyTorch(file:tensor:reason:)`` where they are
    /// not stored as they are, or do not lie before the directory.
    func range(of entry: Entry, in file: borrowing ReadOnlyFile) throws(ModelFileError) -> Range<Int> {
        if let obstacle = entry.obstacle { throw Self.damaged(file.path, "\(quoted(entry.name)) \(obstacle.rawValue)") }
        let headerBytes = 30
        guard entry.headerOffset <= directoryOffset - headerBytes else {
            throw Self.damaged(file.path, "\(quoted(entry.name)) lies outside the file")
        }
        var header = LittleEndianReader(try file.read(at: entry.headerOffset, count: headerBytes))
        guard header.integer(UInt32.self) == 0x0403_4B50, header.skip(22), let nameBytes = header.integer(UInt16.self),
            let extraBytes = header.integer(UInt16.self)
        else { throw Self.damaged(file.path, "\(quoted(entry.name)) has no header where it should lie") }
        let start = entry.headerOffset + headerBytes + Int(nameBytes) + Int(extraBytes)
        guard start <= directoryOffset, entry.byteCount <= directoryOffset - start else {
            throw Self.damaged(file.path, "\(quoted(entry.name)) lies outside the file")
        }
        return start..<start + entry.byteCount
    }

    private static func damaged(_ file: String, _ reason: String) -> ModelFileError {
        .pyTorch(file: file, tensor: nil, reason: "zip archive: \(reason)")
    }

    /// Reads a file's record of the central directory; nil where there is none.
    private static func readEntry(_ record: inout LittleEndianReader) -> Entry? {
        guard record.integer(UInt32.self) == 0x0201_4B50, record.skip(4), let flags = record.integer(UInt16.self),
            let method = record.integer(UInt16.self), record.skip(4), let crc = record.integer(UInt32.self),
            let stored = record.integer(UInt32.self), let size = record.integer(UInt32.self),
            let nameBytes = record.integer(UInt16.self), let extraBytes = record.integer(UInt16.self),
            let commentBytes = record.integer(UInt16.self), record.skip(8), let offset = record.integer(UInt32.self),
            let nameText = record.bytes(Int(nameBytes)), let name = String(validating: nameText, as: UTF8.self),
            let extra = record.bytes(Int(extraBytes)), record.skip(Int(commentBytes)),
            let long = longNumbers(extra, [size, stored, offset])
        else { return nil }
        let obstacle: Obstacle? =
            if flags & 1 != 0 { .encrypted } else if method != 0 { .compressed } else if long[0] != long[1] {
                .sizes
            } else { nil }
        return Entry(name: name, headerOffset: long[2], byteCount: long[0], crc: crc, obstacle: obstacle)
    }

    /// Size, stored size and offset: those that 32 bits do not hold stand in the extra field of zip64, in that order.
    private static func longNumbers(_ extra: [UInt8], _ short: [UInt32]) -> [Int]? {
        var fields = LittleEndianReader(extra)
        var long = LittleEndianReader([])
        while let kind = fields.integer(UInt16.self), let count = fields.integer(UInt16.self) {
            guard let bytes = fields.bytes(Int(count)) else { return nil }
            if kind == 1 { long = LittleEndianReader(bytes) }
        }
        var numbers: [Int] = []
        for number in short {
            if number != .max {
                numbers.append(Int(number))
            } else {
                guard let number = long.integer(UInt64.self).flatMap({ Int(exactly: $0) }) else { return nil }
                numbers.append(number)
            }
        }
        return numbers
    }
}
