import Foundation
import ModelFiles
import Testing

@Suite("Kept digests")
struct DigestCacheTests {
    private let directory: TemporaryDirectory
    private var sidecar: String { ModelDirectory.FileName.digests }

    init() throws {
        directory = try TemporaryDirectory()
        try write([("a", .u8, [2], [1, 2]), ("b", .u8, [1], [3])], to: directory.file("model.safetensors"))
    }

    private func digest(
        _ group: String = "layer 0", of tensors: [String] = ["a"], cacheDirectory: String? = nil
    ) throws -> Digest {
        let checkpoint = try Checkpoint(directory: directory.path)
        return try DigestCache(checkpoint: checkpoint, cacheDirectory: cacheDirectory)
            .digest(group, of: tensors, in: checkpoint)
    }

    /// Puts another digest in the sidecar in the place of `digest`, so that one taken from there is told from one
    /// computed.
    private func forge(_ digest: Digest, in directory: TemporaryDirectory, name: String) throws -> Digest {
        let forged = Digest(of: [])
        let text = String(decoding: try directory.read(name), as: UTF8.self)
        try directory.write(text.replacing(digest.description, with: forged.description), to: name)
        return forged
    }

    @Test("a digest is computed once and kept beside the model")
    func keeping() throws {
        let computed = try digest()
        #expect(try Checkpoint(directory: directory.path).digest(of: ["a"]) == computed)
        let forged = try forge(computed, in: directory, name: sidecar)
        #expect(try digest() == forged)
        #expect(try directory.names() == ["model.safetensors", sidecar])
    }

    @Test("groups are added to what is there, also by two caches at once")
    func adding() throws {
        let checkpoint = try Checkpoint(directory: directory.path)
        let one = DigestCache(checkpoint: checkpoint, cacheDirectory: nil)
        let two = DigestCache(checkpoint: checkpoint, cacheDirectory: nil)
        let a = try one.digest("layer 0", of: ["a"], in: checkpoint)
        let b = try two.digest("layer 1", of: ["b"], in: checkpoint)
        #expect(a != b)
        let text = String(decoding: try directory.read(sidecar), as: UTF8.self)
        #expect(text.contains(a.description) && text.contains(b.description))
    }

    @Test("a group that is now of other tensors is computed anew")
    func otherTensors() throws {
        let computed = try digest()
        #expect(try digest(of: ["a", "b"]) != computed)
        #expect(try digest() == computed)
        #expect(throws: ModelFileError.missingTensor(tensor: "c", directory: directory.path)) {
            try digest(of: ["c"])
        }
    }

    @Test("a sidecar of other files is ignored and written anew")
    func changedFiles() throws {
        let old = try digest()
        _ = try forge(old, in: directory, name: sidecar)
        try write([("a", .u8, [2], [7, 8]), ("b", .u8, [1], [3])], to: directory.file("model.safetensors"))
        let new = try digest()
        #expect(new != old && new != Digest(of: []))
        let forged = try forge(new, in: directory, name: sidecar)
        #expect(try digest() == forged)
    }

    @Test(
        "a sidecar that does not parse is ignored and written anew",
        arguments: ["", "{", "[]", "{}", "{\"groups\":{\"layer 0\":{}}}"])
    func damaged(_ text: String) throws {
        try directory.write(text, to: sidecar)
        let computed = try digest()
        let forged = try forge(computed, in: directory, name: sidecar)
        #expect(try digest() == forged)
    }

    @Test("where the model's directory takes no sidecar, the user's cache does")
    func fallback() throws {
        // A directory of that name cannot be replaced by a file, whoever the user is.
        try FileManager.default.createDirectory(
            atPath: directory.file(sidecar + "/x"), withIntermediateDirectories: true)
        let cache = try TemporaryDirectory()
        let inner = cache.file("new/paceline")
        let computed = try digest(cacheDirectory: inner)
        let names = try FileManager.default.contentsOfDirectory(atPath: inner)
        #expect(names.count == 1)
        let forged = try forge(computed, in: cache, name: "new/paceline/\(names[0])")
        #expect(try digest(cacheDirectory: inner) == forged)
        #expect(try directory.names() == ["model.safetensors", sidecar])
        #expect(try digest(cacheDirectory: nil) == computed)
        #expect(try digest(cacheDirectory: directory.file("model.safetensors/x")) == computed)
    }

    @Test("one cache may be used by many threads")
    func threads() async throws {
        let checkpoint = try Checkpoint(directory: directory.path)
        let cache = DigestCache(checkpoint: checkpoint, cacheDirectory: nil)
        let digests = try await withThrowingTaskGroup(of: Digest.self) { group in
            for index in 0..<32 {
                group.addTask { try cache.digest("layer \(index % 4)", of: ["a", "b"], in: checkpoint) }
            }
            return try await group.reduce(into: Set<Digest>()) { $0.insert($1) }
        }
        #expect(digests.count == 1)
    }
}
