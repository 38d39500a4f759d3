import Foundation
import ModelFiles
import Testing

@Suite("Writing models in several files")
struct CheckpointWriterTests {
    private static let tensors = (0..<7).map { index in
        SafetensorsWriter.Declaration(name: "tensor \(index)", type: .u8, shape: [10 * (index + 1)])
    }

    private func bytes(_ index: Int) -> [UInt8] { [UInt8](repeating: UInt8(index), count: 10 * (index + 1)) }

    private func write(to directory: TemporaryDirectory, fileBytes: Int) throws {
        var writer = try CheckpointWriter(
            directory: directory.path, tensors: Self.tensors, metadata: ["format": "pt"], fileBytes: fileBytes)
        for (index, tensor) in Self.tensors.enumerated() {
            let bytes = bytes(index)
            try writer.append(bytes.span.bytes.extracting(0..<4), to: tensor.name)
            try writer.append(bytes.span.bytes.extracting(4..<bytes.count), to: tensor.name)
        }
        try writer.finish()
    }

    @Test(
        "what is written is what is read, in as many files as it takes",
        arguments: [(1, 7), (30, 6), (100, 4), (150, 2), (280, 1), (Int.max, 1)])
    func roundTrip(fileBytes: Int, fileCount: Int) throws {
        let directory = try TemporaryDirectory()
        try write(to: directory, fileBytes: fileBytes)
        let names = try directory.names()
        #expect(names.filter { $0.hasSuffix(".safetensors") }.count == fileCount, "\(names)")
        #expect(names.contains("model.safetensors.index.json") == (fileCount > 1))
        #expect(names.contains("model.safetensors") == (fileCount == 1))
        let checkpoint = try Checkpoint(directory: directory.path)
        #expect(checkpoint.tensors.map(\.name) == Self.tensors.map(\.name))
        for (index, tensor) in checkpoint.tensors.enumerated() {
            #expect(checkpoint.bytes(of: tensor) == bytes(index))
        }
    }

    @Test("the index says how large all tensors are together, and names files as others do")
    func index() throws {
        let directory = try TemporaryDirectory()
        try write(to: directory, fileBytes: 150)
        let data = Data(try directory.read("model.safetensors.index.json"))
        let index = try #require(try JSONSerialization.jsonObject(with: data) as? [String: [String: Any]])
        #expect(index["metadata"]?["total_size"] as? Int == 280)
        #expect(index["weight_map"]?["tensor 0"] as? String == "model-00001-of-00002.safetensors")
        #expect(index["weight_map"]?["tensor 6"] as? String == "model-00002-of-00002.safetensors")
    }

    @Test("a model that lacks bytes is refused and gets no index")
    func unfinished() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: ModelFileError.self) {
            var writer = try CheckpointWriter(directory: directory.path, tensors: Self.tensors, fileBytes: 30)
            try writer.append(bytes(0).span.bytes, to: "tensor 0")
            try writer.finish()
        }
        #expect(throws: ModelFileError.self) {
            var writer = try CheckpointWriter(directory: directory.path, tensors: Self.tensors, fileBytes: 30)
            try writer.append(bytes(6).span.bytes, to: "tensor 6")
        }
        #expect(try directory.names() == [])
    }

    @Test("tensors that repeat, are unknown, out of turn or of no possible size are refused")
    func refused() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: ModelFileError.duplicateTensor(tensor: "a", file: directory.path, other: directory.path)) {
            let tensor = SafetensorsWriter.Declaration(name: "a", type: .u8, shape: [1])
            _ = try CheckpointWriter(directory: directory.path, tensors: [tensor, tensor], fileBytes: 1)
        }
        for shapes in [[[-1]], [[1 << 62], [1 << 62]], [[1 << 40, 1 << 40]]] {
            #expect(throws: ModelFileError.self) {
                _ = try CheckpointWriter(
                    directory: directory.path,
                    tensors: shapes.enumerated().map { .init(name: "\($0)", type: .u8, shape: $1) })
            }
        }
        for name in ["unknown", "tensor 0"] {
            #expect(throws: ModelFileError.self) {
                var writer = try CheckpointWriter(directory: directory.path, tensors: Self.tensors, fileBytes: 1)
                try writer.append(bytes(0).span.bytes, to: "tensor 0")
                try writer.append(bytes(1).span.bytes, to: "tensor 1")
                try writer.append(bytes(1).span.bytes, to: name)
            }
        }
        #expect(throws: ModelFileError.self) {
            _ = try CheckpointWriter(directory: directory.file("missing"), tensors: Self.tensors)
        }
    }
}
