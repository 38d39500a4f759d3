import Crypto
import JSON

/// A SHA-256 value.
public struct Digest: Sendable, Hashable, CustomStringConvertible {
    /// Its 32 bytes.
    public let bytes: [UInt8]

    /// A digest received as bytes; nil unless there are 32.
    public init?(bytes: [UInt8]) {
        guard bytes.count == SHA256.byteCount else { return nil }
        self.bytes = bytes
    }

    /// A digest written as 64 hexadecimal digits; nil for anything else.
    public init?(hex: String) {
        let digits = hex.utf8.map(hexadecimalValue)
        guard digits.count == 2 * SHA256.byteCount else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    /// The digest of bytes in memory.
    public init(of bytes: [UInt8]) {
        self.init(SHA256.hash(data: bytes))
    }

    /// The digest of a file's bytes, a model's `config.json` for one; throws
    /// ``ModelFileError/cannotRead(file:reason:)``.
    public init(ofFile path: String) throws(ModelFileError) {
        let file = try ReadOnlyFile(path: path)
        var hash = SHA256()
        var offset = 0
        while offset < file.byteCount {
            let piece = try file.read(at: offset, count: min(1 << 20, file.byteCount - offset))
            hash.update(data: piece)
            offset += piece.count
        }
        self.init(hash.finalize())
    }

    init(_ value: SHA256Digest) { bytes = Array(value) }

    /// 64 lower-case hexadecimal digits.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
