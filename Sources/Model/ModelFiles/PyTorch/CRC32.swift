/// The check sum of zip archives: polynomial 0x04C11DB7, bits reflected, all ones before and inverted after.
struct CRC32 {
    private var remainder: UInt32 = .max

    var value: UInt32 { ~remainder }

    mutating func add(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { bytes in
            for byte in bytes {
                remainder = Self.table[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)] ^ remainder >> 8
            }
        }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xEDB8_8320 }
    }
}
