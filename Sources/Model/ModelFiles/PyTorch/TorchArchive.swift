/// A checkpoint as `torch.save` has written it since PyTorch 1.6: a zip archive with a folder of any name, in it
/// `data.pkl`, the pickle, and `data/KEY` for each storage, its bytes as they were in memory.
struct TorchArchive {
    /// Where the pickle lies.
    let pickle: Range<Int>
    private let archive: ZipArchive
    private let folder: String

    /// Reads the directory of `file`, which is mapped as `map`, and checks the pickle's sum. Throws
    /// ``ModelFileError``.
    init(_ file: borrowing ReadOnlyFile, map: MappedFile) throws(ModelFileError) {
        archive = try ZipArchive(file)
        let pickles = archive.entries.values.filter { Self.isPickle($0.name) }
        guard pickles.count == 1 else {
            throw .pyTorch(
                file: file.path, tensor: nil,
                reason: "a zip archive with \(pickles.count) files data.pkl; torch.save writes one")
        }
        folder = String(pickles[0].name.dropLast(Self.pickleName.count))
        pickle = try archive.range(of: pickles[0], in: file)
        guard pickle.count <= Limits.pickleBytes else {
            throw .tooMany(file: file.path, what: "bytes in \(quoted(pickles[0].name))", limit: Limits.pickleBytes)
        }
        guard Self.sum(of: pickle, in: map) == pickles[0].crc else {
            throw .pyTorch(file: file.path, tensor: nil, reason: "\(quoted(pickles[0].name)) is damaged")
        }
        try checkByteOrder(file)
    }

    /// Where the bytes of a storage lie. Throws ``ModelFileError/pyTorch(file:tensor:reason:)``.
    func range(ofStorage key: String, in file: borrowing ReadOnlyFile) throws(ModelFileError) -> Range<Int> {
        guard let entry = archive.entries[folder + "data/" + key] else {
            throw .pyTorch(
                file: file.path, tensor: nil, reason: "it has no \(quoted(folder + "data/" + key)), which it refers to")
        }
        return try archive.range(of: entry, in: file)
    }

    private static let pickleName = "data.pkl"

    /// Whether it is the pickle's name, in a folder or in none.
    private static func isPickle(_ name: String) -> Bool {
        let parts = name.split(separator: "/", maxSplits: 2)
        return parts.count <= 2 && parts.last.map { $0 == pickleName } == true
    }

    private func checkByteOrder(_ file: borrowing ReadOnlyFile) throws(ModelFileError) {
        guard let entry = archive.entries[folder + "byteorder"] else { return }
        let range = try archive.range(of: entry, in: file)
        guard range.count <= Limits.pickleNameBytes else { return }
        let order = String(decoding: try file.read(at: range.lowerBound, count: range.count), as: UTF8.self)
        guard order == "little" else {
            throw .pyTorch(
                file: file.path, tensor: nil,
                reason: "its numbers are \(quoted(order))-endian; save it on a little-endian machine")
        }
    }

    private static func sum(of range: Range<Int>, in map: MappedFile) -> UInt32 {
        var sum = CRC32()
        let bytes = TensorBytes(map, range)
        for start in stride(from: 0, to: range.count, by: 1 << 20) {
            let piece = start..<min(start + 1 << 20, range.count)
            bytes.withBytes { sum.add($0.extracting(piece)) }
            bytes.release(piece)
        }
        return sum.value
    }
}
