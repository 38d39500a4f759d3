import Engine
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
        let embedding = try checkpoint.tensor("wte.weight", shape: [8192, 192])
        #expect(embedding.type == .f16)
        #expect(embedding.elementCount == 8192 * 192)
        #expect(embedding.byteCount == 2 * 8192 * 192)
        let gain = try checkpoint.tensor("h.0.ln_1.weight", shape: [192])
        let sum = checkpoint.withBytes(of: gain) { bytes in
            (0..<192).reduce(Float(0)) {
                $0 + Float(Float16(bitPattern: bytes.unsafeLoadUnaligned(fromByteOffset: 2 * $1, as: UInt16.self)))
            }
        }
        #expect(sum > 0 && sum.isFinite)
    }

    @Test("a name is found with or without the prefix, whichever the file has")
    func prefixes() throws {
        let directory = try TemporaryDirectory()
        let names = ["transformer.h.0.ln_1.weight", "h.1.ln_1.weight", "lm_head.weight", "x", "transformer.x"]
        try write(
            names.enumerated().map { ($1, .u8, [1], [UInt8($0)]) }, to: directory.file("model.safetensors"))
        let checkpoint = try Checkpoint(directory: directory.path)
        #expect(checkpoint.tensor("h.0.ln_1.weight")?.name == "transformer.h.0.ln_1.weight")
        #expect(checkpoint.tensor("transformer.h.0.ln_1.weight")?.name == "transformer.h.0.ln_1.weight")
        #expect(checkpoint.tensor("transformer.h.1.ln_1.weight")?.name == "h.1.ln_1.weight")
        #expect(checkpoint.tensor("lm_head.weight")?.name == "lm_head.weight")
        #expect(checkpoint.tensor("x")?.name == "x")
        #expect(checkpoint.tensor("transformer.x")?.name == "transformer.x")
        #expect(checkpoint.tensor("ln_1.weight") == nil)
        #expect(checkpoint.tensors.map(\.name) == names.sorted())
    }

    @Test("a tensor that is missing, of another shape or of another type is refused")
    func expectations() throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("model.safetensors")
        try write([("a", .f16, [2, 3], Array(0..<12)), ("attn.bias", .u8, [4], [1, 0, 1, 1])], to: file)
        let checkpoint = try Checkpoint(directory: directory.path)
        let a = try checkpoint.tensor("a", shape: [2, 3])
        #expect(a.name == "a" && a.elementCount == 6)
        #expect(throws: ModelFileError.missingTensor(tensor: "b", directory: directory.path)) {
            try checkpoint.tensor("b", shape: [2, 3])
        }
        #expect(throws: ModelFileError.wrongShape(file: file, tensor: "a", found: [2, 3], expected: [3, 2])) {
            try checkpoint.tensor("a", shape: [3, 2])
        }
        let wrongType = ModelFileError.wrongType(
            file: file, tensor: "attn.bias", found: .u8, expected: [.f32, .f16, .bf16])
        #expect(throws: wrongType) { try checkpoint.tensor("attn.bias", shape: [4]) }
        #expect(wrongType.description == "\(file): tensor \"attn.bias\" has dtype U8, expected BF16, F16, F32")
        #expect(try checkpoint.tensor("attn.bias", shape: [4], types: [.u8, .bool]).byteCount == 4)
    }

    @Test("a body's own error passes through")
    func bodyErrors() throws {
        struct Refusal: Error, Equatable {}
        let checkpoint = try Checkpoint(directory: Folder.fixtures.appending(path: "types").path)
        let scalar = try checkpoint.tensor("scalar", shape: [])
        #expect(throws: Refusal()) {
            try checkpoint.withBytes(of: scalar) { (_) throws(Refusal) in throw Refusal() }
        }
    }
}
