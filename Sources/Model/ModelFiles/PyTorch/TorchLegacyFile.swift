/// A checkpoint as `torch.save` wrote it before PyTorch 1.6, and still does where it is told to: a pickle with a number
/// that names the format, one with its version, one that describes the machine, one with what was saved, and one with
/// the keys of the storages; then the storages in that order, each with its count of elements in 8 bytes before it.
struct TorchLegacyFile {
    let heap: PickleHeap
    let input: PickleInput
    /// What was saved.
    let root: PickleValue
    private let ranges: [String: Range<Int>]

    /// 0x1950a86a20f9469cfc6c, which the first pickle holds.
    private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    private static let version = 1001

    /// Reads the pickles of `file`, which is mapped as `map`. Throws ``ModelFileError``.
    init(_ file: borrowing ReadOnlyFile, map: MappedFile) throws(ModelFileError) {
        var machine = PickleMachine(PickleInput(file: map, range: 0..<map.identity.byteCount))
        guard case .longInteger(let magic) = try machine.run(), machine.input.bytes(of: magic) == Self.magic else {
            throw Self.unusable(
                map, "a pickle, but not one that torch.save wrote; save the model's state_dict() with torch.save")
        }
        guard try machine.run() == .integer(Self.version) else {
            throw Self.unusable(map, "an unknown version of PyTorch's format")
        }
        let system = try machine.run()
        guard let isLittleEndian = machine.heap.value("little_endian", of: system, machine.input) else {
            throw Self.unusable(map, "it does not say in which order its bytes are")
        }
        guard isLittleEndian == .bool(true) else {
            throw Self.unusable(map, "its numbers are big-endian; save it on a little-endian machine")
        }
        root = try machine.run()
        let list = try machine.run()
        guard let keys = machine.heap.sequence(list) else {
            throw Self.unusable(map, "it has no list of storages")
        }
        (heap, input) = (machine.heap, machine.input)
        ranges = try Self.place(keys, machine, in: file)
    }

    /// Where the bytes of a storage lie. Throws ``ModelFileError/pyTorch(file:tensor:reason:)``.
    func range(ofStorage key: String) throws(ModelFileError) -> Range<Int> {
        guard let range = ranges[key] else {
            throw Self.unusable(input.file, "it has no storage \(quoted(key)), which it refers to")
        }
        return range
    }

    private static func unusable(_ map: MappedFile, _ reason: String) -> ModelFileError {
        .pyTorch(file: map.path, tensor: nil, reason: reason)
    }

    /// The places of the storages, which lie one after another behind the pickles.
    private static func place(
        _ keys: [PickleValue], _ machine: PickleMachine, in file: borrowing ReadOnlyFile
    ) throws(ModelFileError) -> [String: Range<Int>] {
        let input = machine.input
        var widths: [String: Int] = [:]
        for storage in machine.heap.storages {
            if let key = input.string(storage.key) { widths[key] = storage.type.width }
        }
        var ranges: [String: Range<Int>] = [:]
        var start = input.end
        for key in keys {
            guard case .text(let text) = key, let key = input.string(text), ranges[key] == nil else {
                throw unusable(input.file, "its list of storages has a key that is no text, or twice the same")
            }
            guard let width = widths[key] else {
                throw unusable(input.file, "nothing says of what type its storage \(quoted(key)) is")
            }
            let range = try storageRange(at: start, width: width, in: file)
            guard let range else {
                throw unusable(input.file, "it ends within storage \(quoted(key)); the file is cut short")
            }
            ranges[key] = range
            start = range.upperBound
        }
        return ranges
    }

    /// Where the elements lie whose count stands at `start`; nil where the file is too short for them.
    private static func storageRange(
        at start: Int, width: Int, in file: borrowing ReadOnlyFile
    ) throws(ModelFileError) -> Range<Int>? {
        let countBytes = 8
        guard file.byteCount - start >= countBytes else { return nil }
        var header = LittleEndianReader(try file.read(at: start, count: countBytes))
        guard let count = header.integer(Int64.self), count >= 0,
            case (let byteCount, false) = Int(count).multipliedReportingOverflow(by: width),
            byteCount <= file.byteCount - start - countBytes
        else { return nil }
        return start + countBytes..<start + countBytes + byteCount
    }
}
