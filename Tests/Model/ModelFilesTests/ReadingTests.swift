import Foundation
import ModelFiles
import Testing

/// What Tests/Fixtures/checkpoint/expected.json says of one model.
struct ExpectedModel: Decodable {
    struct Tensor: Decodable {
        let dtype: String
        let shape: [Int]
        let file: String
        let sha256: String
    }
    let tensors: [String: Tensor]
    let digest: String

    static func named(_ name: String) throws -> ExpectedModel {
        let text = try Data(contentsOf: Folder.fixtures.appending(path: "expected.json"))
        return try #require(JSONDecoder().decode([String: ExpectedModel].self, from: text)[name])
    }
}

@Suite("Reading models")
struct ReadingTests {
    @Test(
        "files of the reference writers, one or several, are read as the reference reads them",
        arguments: ["types", "sharded"])
    func reference(_ name: String) throws {
        let expected = try ExpectedModel.named(name)
        let folder = Folder.fixtures.appending(path: name)
        let checkpoint = try Checkpoint(directory: folder.path)
        #expect(Set(checkpoint.tensors.map(\.name)) == Set(expected.tensors.keys))
        for tensor in checkpoint.tensors {
            let wanted = try #require(expected.tensors[tensor.name])
            #expect(tensor.type.rawValue == wanted.dtype)
            #expect(tensor.shape == wanted.shape)
            #expect(tensor.file == folder.appending(path: wanted.file).path)
            #expect(Digest(of: checkpoint.bytes(of: tensor)).description == wanted.sha256, "\(tensor.name)")
        }
        #expect(try checkpoint.digest(of: Array(expected.tensors.keys)).description == expected.digest)
    }

    @Test("the demo model opens and has GPT-2's tensors in half precision")
    func demoModel() throws {
        let checkpoint = try Checkpoint(directory: Folder.demo)
        #expect(checkpoint.directory == Folder.demo)
        #expect(checkpoint.tensors.count == 8 * 12 + 4)
        let embedding = try #require(checkpoint.tensor("transformer.wte.weight"))
        #expect(embedding.shape == [8192, 192])
        #expect(embedding.type == .f16)
        #expect(embedding.elementCount == 8192 * 192)
        #expect(embedding.byteCount == 2 * 8192 * 192)
        let gain = try #require(checkpoint.tensor("transformer.h.0.ln_1.weight"))
        let sum = checkpoint.withBytes(of: gain) { bytes in
            (0..<192).reduce(Float(0)) {
                $0 + Float(Float16(bitPattern: bytes.unsafeLoadUnaligned(fromByteOffset: 2 * $1, as: UInt16.self)))
            }
        }
        #expect(sum > 0 && sum.isFinite)
    }

    @Test("a body's own error passes through")
    func bodyErrors() throws {
        struct Refusal: Error, Equatable {}
        let checkpoint = try Checkpoint(directory: Folder.fixtures.appending(path: "types").path)
        let scalar = try #require(checkpoint.tensor("scalar"))
        #expect(throws: Refusal()) {
            try checkpoint.withBytes(of: scalar) { (_) throws(Refusal) in throw Refusal() }
        }
    }
}
