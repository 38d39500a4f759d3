import Foundation
import ModelFiles
import Testing

@Suite("PyTorch files over 4 GiB")
struct LargeArchiveTests {
    private static let place = 5 << 30

    /// A record of zip: the header before a file (without `offset`), or its entry in the directory.
    private func record(_ name: String, _ bytes: [UInt8], offset: Int?) -> [UInt8] {
        let extra = offset.map { [1, 0, 8, 0] + littleEndian(UInt64($0)) } ?? []
        let size = littleEndian(UInt32(bytes.count))
        let common =
            [0, 0, 0, 0, 0, 0, 0, 0] + littleEndian(checkSum(bytes)) + size + size
            + littleEndian(UInt16(name.utf8.count)) + littleEndian(UInt16(extra.count))
        guard offset != nil else { return [0x50, 0x4B, 3, 4, 45, 0] + common + Array(name.utf8) }
        return [0x50, 0x4B, 1, 2, 45, 0, 45, 0] + common + [UInt8](repeating: 0, count: 10)
            + [0xFF, 0xFF, 0xFF, 0xFF] + Array(name.utf8) + extra
    }

    private func end(_ directory: [UInt8]) -> [UInt8] {
        let (count, size) = (littleEndian(UInt64(2)), littleEndian(UInt64(directory.count)))
        let start = Self.place + 1 << 20
        let long =
            [0x50, 0x4B, 6, 6] + littleEndian(UInt64(44)) + [45, 0, 45, 0] + [UInt8](repeating: 0, count: 8) + count
            + count + size + littleEndian(UInt64(start))
        let locator =
            [0x50, 0x4B, 6, 7, 0, 0, 0, 0] + littleEndian(UInt64(start + directory.count)) + [1, 0, 0, 0] as [UInt8]
        return long + locator + [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 12) + [0, 0]
    }

    @Test("a storage beyond 4 GiB is found where zip64 says that it lies")
    func sparse() throws {
        let directory = try TemporaryDirectory()
        let tensor = Pickle.tensor(Pickle.storage("0", count: 6), shape: [2, 3], strides: [3, 1])
        let pickle = Pickle.file(Pickle.dictionary([("a", tensor)]))
        let (name, data) = ("archive/data.pkl", "archive/data/0")
        try directory.write(record(name, pickle, offset: nil) + pickle, to: "model.bin")
        // What lies between is a hole, which takes no space on the disk.
        let file = try FileHandle(forWritingTo: URL(filePath: directory.file("model.bin")))
        try file.seek(toOffset: UInt64(Self.place))
        try file.write(contentsOf: Data(record(data, Pickle.numbers(6), offset: nil) + Pickle.numbers(6)))
        let entries =
            record(name, pickle, offset: 0) + record(data, Pickle.numbers(6), offset: Self.place)
        try file.seek(toOffset: UInt64(Self.place + 1 << 20))
        try file.write(contentsOf: Data(entries + end(entries)))
        try file.close()
        let found = try #require(try PyTorchFile(path: directory.file("model.bin")).tensor("a"))
        #expect(found.values == [0, 1, 2, 3, 4, 5])
        #expect(found.range.lowerBound > Self.place)
    }
}
