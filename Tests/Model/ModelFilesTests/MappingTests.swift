import ModelFiles
import Testing

@Suite("Mapping")
struct MappingTests {
    private static let tensorBytes = 1 << 20

    /// A model of 32 tensors of one MiB each.
    private func makeModel(in directory: TemporaryDirectory) throws -> String {
        let path = directory.file("model.safetensors")
        let names = (10..<42).map { "t\($0)" }
        var writer = try SafetensorsWriter(
            path: path, tensors: names.map { .init(name: $0, type: .u8, shape: [Self.tensorBytes]) })
        for (index, name) in names.enumerated() {
            try writer.append([UInt8](repeating: UInt8(index), count: Self.tensorBytes).span.bytes, to: name)
        }
        try writer.finish()
        return path
    }

    @Test("opening reads no weights, and touching a tensor reads no other")
    func residency() throws {
        let directory = try TemporaryDirectory()
        let path = try makeModel(in: directory)
        let checkpoint = try Checkpoint(directory: directory.path)
        #expect(try residentBytes(ofMap: path) == 0)
        #expect(checkpoint.bytes(of: "t20") == [UInt8](repeating: 10, count: Self.tensorBytes))
        let resident = try #require(try residentBytes(ofMap: path))
        // The kernel may map some of the neighbourhood it has in memory along with a page.
        #expect(resident >= Self.tensorBytes && resident <= 5 * Self.tensorBytes, "\(resident) bytes")
        extendLifetime(checkpoint)
    }

    @Test("a map ends with its checkpoint")
    func unmapping() throws {
        let directory = try TemporaryDirectory()
        let path = try makeModel(in: directory)
        do {
            let checkpoint = try Checkpoint(directory: directory.path)
            #expect(try residentBytes(ofMap: path) == 0)
            #expect(checkpoint.tensors.count == 32)
        }
        #expect(try residentBytes(ofMap: path) == nil)
    }

    @Test("a restart reads no weights for their digest")
    func restart() throws {
        let directory = try TemporaryDirectory()
        let path = try makeModel(in: directory)
        let digest: Digest
        do {
            let cache = DigestCache(checkpoint: try Checkpoint(directory: directory.path), cacheDirectory: nil)
            digest = try cache.digest("layer 0", of: ["t11", "t12"], in: Checkpoint(directory: directory.path))
        }
        let checkpoint = try Checkpoint(directory: directory.path)
        let cache = DigestCache(checkpoint: checkpoint, cacheDirectory: nil)
        #expect(try cache.digest("layer 0", of: ["t11", "t12"], in: checkpoint) == digest)
        #expect(try residentBytes(ofMap: path) == 0)
        #expect(try checkpoint.digest(of: ["t11", "t12"]) == digest)
        extendLifetime(checkpoint)
    }

    @Test("pages that are given up come back unchanged when they are touched, or all at once")
    func givingUp() throws {
        let directory = try TemporaryDirectory()
        let path = try makeModel(in: directory)
        let checkpoint = try Checkpoint(directory: directory.path)
        let tensor = checkpoint.mapped(try #require(checkpoint.tensor("t20")))
        let bytes = [UInt8](repeating: 10, count: Self.tensorBytes)
        #expect(checkpoint.bytes(of: "t20") == bytes)
        tensor.release()
        // What the kernel mapped of the neighbourhood may stay.
        #expect(try #require(try residentBytes(ofMap: path)) <= 1 << 17)
        #expect(checkpoint.bytes(of: "t20") == bytes)
        checkpoint.releasePages()
        #expect(try residentBytes(ofMap: path) == 0)
        tensor.populate()
        let resident = try #require(try residentBytes(ofMap: path))
        // 0 on a kernel that does not do it; where the file lies on huge pages, all of those that the tensor touches.
        let hugePage = 2 << 20
        #expect(
            resident == 0 || resident >= Self.tensorBytes && resident <= Self.tensorBytes + 2 * hugePage,
            "\(resident)")
        #expect(checkpoint.bytes(of: "t20") == bytes)
    }

    @Test("weights that are read for their digest do not stay")
    func digesting() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("model.safetensors")
        // Of more than one of the pieces that are read at a time.
        let byteCount = 35 << 20
        var writer = try SafetensorsWriter(
            path: path,
            tensors: [.init(name: "a", type: .u8, shape: [byteCount]), .init(name: "b", type: .u8, shape: [1])])
        let bytes = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 9) }
        try writer.append(bytes.span.bytes, to: "a")
        try writer.append([UInt8]([7]).span.bytes, to: "b")
        try writer.finish()
        let checkpoint = try Checkpoint(directory: directory.path)
        var expected = TensorDigest()
        try expected.add(.init(name: "a", type: .u8, shape: [byteCount]), bytes.span.bytes)
        try expected.add(.init(name: "b", type: .u8, shape: [1]), [UInt8]([7]).span.bytes)
        #expect(try checkpoint.digest(of: ["b", "a"]) == expected.value)
        #expect(try #require(try residentBytes(ofMap: path)) <= 1 << 18)
        extendLifetime(checkpoint)
    }
}
