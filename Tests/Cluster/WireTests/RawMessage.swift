/// Protobuf by hand, for frames that no encoder would write.
enum RawMessage {
    static func varint(_ value: UInt64) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    static func number(_ field: UInt64, _ value: UInt64) -> [UInt8] {
        varint(field << 3) + varint(value)
    }

    static func bytes(_ field: UInt64, _ content: [UInt8]) -> [UInt8] {
        varint(field << 3 | 2) + varint(UInt64(content.count)) + content
    }

    static func float(_ field: UInt64, _ value: Float) -> [UInt8] {
        varint(field << 3 | 5) + (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) }
    }

    /// protocol 1, incarnation 0, epoch 0.
    static let envelope: [UInt8] = number(1, 1) + [2 << 3 | 1, 0, 0, 0, 0, 0, 0, 0, 0] + number(3, 0)

    /// A header frame with the body that has so many a number in `Message.body`.
    static func header(body: UInt64, _ content: [UInt8]) -> [UInt8] {
        envelope + bytes(body, content)
    }
}
