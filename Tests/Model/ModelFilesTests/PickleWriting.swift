/// Pickles made by hand, instruction by instruction, and archives around them.
enum Pickle {
    static func global(_ module: String, _ name: String) -> [UInt8] {
        Array("c\(module)\n\(name)\n".utf8)
    }

    static func text(_ text: String) -> [UInt8] { [0x58] + littleEndian(UInt32(text.utf8.count)) + Array(text.utf8) }

    static func integer(_ value: Int) -> [UInt8] { [0x8A, 8] + littleEndian(Int64(value)) }

    static func tuple(_ items: [[UInt8]]) -> [UInt8] { [0x28] + items.flatMap { $0 } + [0x74] }

    static func dictionary(_ items: [(key: String, value: [UInt8])]) -> [UInt8] {
        [0x7D, 0x28] + items.flatMap { text($0.key) + $0.value } + [0x75]
    }

    static func call(_ callable: [UInt8], _ arguments: [[UInt8]]) -> [UInt8] { callable + tuple(arguments) + [0x52] }

    static func storage(_ key: String, type: String = "FloatStorage", count: Int, view: [UInt8]? = nil) -> [UInt8] {
        tuple(
            [text("storage"), global("torch", type), text(key), text("cpu"), integer(count)] + (view.map { [$0] } ?? [])
        )
            + [0x51]
    }

    static func tensor(_ storage: [UInt8], offset: Int = 0, shape: [Int], strides: [Int]) -> [UInt8] {
        call(
            global("torch._utils", "_rebuild_tensor_v2"),
            [
                storage, integer(offset), tuple(shape.map(integer)), tuple(strides.map(integer)), [0x89],
                call(global("collections", "OrderedDict"), []),
            ])
    }

    /// A whole pickle with that value.
    static func file(_ value: [UInt8]) -> [UInt8] { [0x80, 2] + value + [0x2E] }

    /// The legacy form with that value, and storages of so many floats: 0, 1, 2 and so on.
    static func legacy(_ value: [UInt8], storages: [(key: String, count: Int)], order: [UInt8] = [0x88]) -> [UInt8] {
        let magic: [UInt8] = [0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
        let parts = [
            magic, integer(1001), dictionary([("little_endian", order)]), value,
            tuple(storages.map { text($0.key) }),
        ]
        return parts.flatMap(file) + storages.flatMap { littleEndian(Int64($0.count)) + numbers($0.count) }
    }

    static func numbers(_ count: Int) -> [UInt8] { (0..<count).flatMap { littleEndian(Float($0).bitPattern) } }
}

/// A zip archive of stored files.
struct TestArchive {
    var files: [(name: String, bytes: [UInt8])]

    /// One with that value and storages of so many floats.
    init(_ value: [UInt8], storages: [(key: String, count: Int)] = []) {
        files = [("archive/data.pkl", Pickle.file(value)), ("archive/byteorder", Array("little".utf8))]
        files += storages.map { ("archive/data/\($0.key)", Pickle.numbers($0.count)) }
    }

    /// The files of an archive that torch.save wrote.
    init(reading bytes: [UInt8]) {
        func number(_ place: Int, _ count: Int) -> Int {
            (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
        }
        let end = bytes.count - 22
        var place = number(end + 16, 4)
        files = []
        for _ in 0..<number(end + 10, 2) {
            let (size, nameBytes, header) = (number(place + 24, 4), number(place + 28, 2), number(place + 42, 4))
            let name = String(decoding: bytes[place + 46..<place + 46 + nameBytes], as: UTF8.self)
            let start = header + 30 + number(header + 26, 2) + number(header + 28, 2)
            files.append((name, Array(bytes[start..<start + size])))
            place += 46 + nameBytes + number(place + 30, 2) + number(place + 32, 2)
        }
    }

    /// The archive's bytes; `method` says how each file is compressed.
    func bytes(method: UInt16 = 0) -> [UInt8] {
        var (archive, directory): ([UInt8], [UInt8]) = ([], [])
        for file in files {
            // The one sum that readers of mapped tensors check.
            let sum = file.name.hasSuffix("data.pkl") ? checkSum(file.bytes) : 0
            let sizes = littleEndian(UInt32(file.bytes.count)) + littleEndian(UInt32(file.bytes.count))
            let common =
                [UInt8](repeating: 0, count: 2) + littleEndian(method) + [0, 0, 0, 0]
                + littleEndian(sum)
                + sizes + littleEndian(UInt16(file.name.utf8.count)) + [0, 0]
            directory += [0x50, 0x4B, 1, 2, 20, 0, 20, 0] + common + [UInt8](repeating: 0, count: 10)
            directory += littleEndian(UInt32(archive.count)) + file.name.utf8
            archive += [0x50, 0x4B, 3, 4, 20, 0] + common + file.name.utf8 + file.bytes
        }
        let count = littleEndian(UInt16(files.count))
        return archive + directory + [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + count + count
            + littleEndian(UInt32(directory.count)) + littleEndian(UInt32(archive.count)) + [0, 0]
    }
}

/// CRC-32, bit by bit.
func checkSum(_ bytes: [UInt8]) -> UInt32 {
    var sum = UInt32.max
    for byte in bytes {
        sum ^= UInt32(byte)
        var bit = 0
        while bit < 8 {
            sum = sum >> 1 ^ (sum & 1) &* 0xEDB8_8320
            bit += 1
        }
    }
    return ~sum
}
