/// The end of a zip archive, which says where its directory lies.
struct ZipDirectoryEnd {
    let entryCount: Int
    /// The directory's own place in the file.
    let offset: Int
    let byteCount: Int

    private static let recordBytes = 22
    private static let locatorBytes = 20
    private static let longRecordBytes = 56
    private static let mostCommentBytes = Int(UInt16.max)

    /// Finds it in `file`. Throws ``ModelFileError/pyTorch(file:tensor:reason:)`` where there is none, or one that is
    /// damaged.
    init(_ file: borrowing ReadOnlyFile) throws(ModelFileError) {
        let tailBytes = min(file.byteCount, Self.recordBytes + Self.mostCommentBytes + Self.locatorBytes)
        let tailStart = file.byteCount - tailBytes
        let tail = try file.read(at: tailStart, count: tailBytes)
        guard let record = Self.recordStart(in: tail) else {
            throw Self.damaged(file.path, "it has no directory; the file is cut short")
        }
        var reader = LittleEndianReader(Array(tail[record...]))
        guard reader.skip(4), reader.integer(UInt16.self) == reader.integer(UInt16.self), reader.skip(2),
            let count = reader.integer(UInt16.self), let byteCount = reader.integer(UInt32.self),
            let offset = reader.integer(UInt32.self)
        else { throw Self.damaged(file.path, "it is in several parts") }
        var place = (count: Int(count), bytes: Int(byteCount), offset: Int(offset))
        var end = tailStart + record
        if let locator = Self.longRecordOffset(in: tail, before: record) {
            place = try Self.readLongRecord(at: locator, before: end, of: file)
            end = Int(locator)
        }
        guard place.offset <= end, place.bytes <= end - place.offset else {
            throw Self.damaged(file.path, "its directory lies outside the file")
        }
        guard place.bytes <= Limits.archiveDirectoryBytes else {
            throw .tooMany(
                file: file.path, what: "bytes in the archive's directory", limit: Limits.archiveDirectoryBytes)
        }
        (entryCount, self.offset, self.byteCount) = (place.count, place.offset, place.bytes)
    }

    /// The last place where a record with a comment up to the end of the file begins.
    private static func recordStart(in tail: [UInt8]) -> Int? {
        guard tail.count >= recordBytes else { return nil }
        return stride(from: tail.count - recordBytes, through: 0, by: -1).first { start in
            guard tail[start] == 0x50, tail[start + 1] == 0x4B, tail[start + 2] == 5, tail[start + 3] == 6 else {
                return false
            }
            return start + recordBytes + Int(tail[start + 20]) + Int(tail[start + 21]) << 8 == tail.count
        }
    }

    /// Where the zip64 record lies, as the locator before the short one says; nil where there is no locator.
    private static func longRecordOffset(in tail: [UInt8], before record: Int) -> UInt64? {
        guard record >= locatorBytes else { return nil }
        var locator = LittleEndianReader(Array(tail[record - locatorBytes..<record]))
        guard locator.integer(UInt32.self) == 0x0706_4B50, locator.skip(4) else { return nil }
        return locator.integer(UInt64.self)
    }

    private static func readLongRecord(
        at offset: UInt64, before end: Int, of file: borrowing ReadOnlyFile
    ) throws(ModelFileError) -> (count: Int, bytes: Int, offset: Int) {
        guard end >= longRecordBytes, offset <= UInt64(end - longRecordBytes) else {
            throw damaged(file.path, "its zip64 record lies outside the file")
        }
        var record = LittleEndianReader(try file.read(at: Int(offset), count: longRecordBytes))
        guard record.integer(UInt32.self) == 0x0606_4B50, record.skip(28),
            let count = record.integer(UInt64.self).flatMap({ Int(exactly: $0) }),
            let bytes = record.integer(UInt64.self).flatMap({ Int(exactly: $0) }),
            let offset = record.integer(UInt64.self).flatMap({ Int(exactly: $0) })
        else { throw damaged(file.path, "its zip64 record is damaged") }
        return (count, bytes, offset)
    }

    private static func damaged(_ file: String, _ reason: String) -> ModelFileError {
        .pyTorch(file: file, tensor: nil, reason: "zip archive: \(reason)")
    }
}
