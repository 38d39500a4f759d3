/// Reads integers and runs of bytes one after another; nil once there are too few left.
struct LittleEndianReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func integer<Integer: FixedWidthInteger>(_: Integer.Type) -> Integer? {
        let width = Integer.bitWidth / 8
        guard bytes.count - position >= width else { return nil }
        var value: Integer = 0
        for index in 0..<width { value |= Integer(truncatingIfNeeded: bytes[position + index]) << Integer(8 * index) }
        position += width
        return value
    }

    mutating func bytes(_ count: Int) -> [UInt8]? {
        guard count >= 0, bytes.count - position >= count else { return nil }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    /// Passes over so many bytes; false where there are fewer.
    mutating func skip(_ count: Int) -> Bool {
        guard count >= 0, bytes.count - position >= count else { return false }
        position += count
        return true
    }
}
