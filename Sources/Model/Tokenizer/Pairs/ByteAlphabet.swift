/// GPT-2's way of writing any byte as a visible character in vocab.json and merges.txt: printable Latin-1 bytes stand
/// for themselves, the other 68 are U+0100 and up, in ascending order (a space is `Ġ`, a line feed `Ċ`).
///
/// Source: `bytes_to_unicode` in openai/gpt-2, src/encoder.py.
enum ByteAlphabet {
    private static let bytesByScalar: [UInt8?] = {
        var table = [UInt8?](repeating: nil, count: 0x144)
        for (byte, scalar) in scalars.enumerated() {
            table[Int(scalar)] = UInt8(byte)
        }
        return table
    }()

    /// The code point that stands for each byte.
    static let scalars: [UInt32] = {
        var next: UInt32 = 0x100
        return (0...0xFF).map { (byte: UInt32) in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF:
                return byte
            default:
                defer { next += 1 }
                return next
            }
        }
    }()

    /// The byte a code point stands for, or nil if it stands for none.
    static func byte(of scalar: UInt32) -> UInt8? {
        scalar < UInt32(bytesByScalar.count) ? bytesByScalar[Int(scalar)] : nil
    }

    /// The bytes a vocabulary key stands for, or nil if it has a character outside the alphabet.
    static func bytes(ofKey key: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(key.count)
        var index = 0
        while index < key.count {
            var scalar = UInt32(key[index])
            index += 1
            // All of the alphabet is below U+0144: one byte of UTF-8, or two.
            if scalar >= 0x80 {
                guard scalar < 0xE0, index < key.count else { return nil }
                scalar = (scalar & 0x1F) << 6 | UInt32(key[index] & 0x3F)
                index += 1
            }
            guard let byte = byte(of: scalar) else { return nil }
            result.append(byte)
        }
        return result
    }

    /// The vocabulary key of a single byte.
    static func key(ofByte byte: UInt8) -> [UInt8] {
        let scalar = scalars[Int(byte)]
        return scalar < 0x80 ? [UInt8(scalar)] : [UInt8(0xC0 | scalar >> 6), UInt8(0x80 | scalar & 0x3F)]
    }
}
