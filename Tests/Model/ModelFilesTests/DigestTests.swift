import Foundation
import ModelFiles
import Testing

@Suite("Digests")
struct DigestTests {
    @Test("the text of a digest is read back, anything else is not")
    func text() throws {
        let digest = Digest(of: Array("abc".utf8))
        #expect(digest.description == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(Digest(hex: digest.description) == digest)
        #expect(Digest(hex: digest.description.uppercased()) == digest)
        #expect(Digest(bytes: digest.bytes) == digest)
        #expect(Digest(bytes: [1]) == nil)
        for wrong in [
            "", "ba", digest.description + "0", String(digest.description.dropLast()) + "g", "ä" + digest.description,
        ] {
            #expect(Digest(hex: wrong) == nil)
        }
    }

    @Test("a file's digest is that of its bytes")
    func files() throws {
        let directory = try TemporaryDirectory()
        let bytes = (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try directory.write(bytes, to: "config.json")
        #expect(try Digest(ofFile: directory.file("config.json")) == Digest(of: bytes))
        #expect(throws: ModelFileError.self) { try Digest(ofFile: directory.file("none")) }
    }

    @Test("the same weights give the same digest, in any order and number of files; others do not")
    func identity() throws {
        func digest(
            _ files: [[(name: String, type: ElementType, shape: [Int], bytes: [UInt8])]],
            of names: [String] = ["a", "b"]
        ) throws -> Digest {
            let directory = try TemporaryDirectory()
            var weightMap: [String: String] = [:]
            for (index, tensors) in files.enumerated() {
                try write(tensors, to: directory.file("\(index).safetensors"))
                for tensor in tensors { weightMap[tensor.name] = "\(index).safetensors" }
            }
            let index = try JSONEncoder().encode(["weight_map": weightMap])
            try directory.write(Array(index), to: "model.safetensors.index.json")
            return try Checkpoint(directory: directory.path).digest(of: names)
        }
        let digests = try digest([[("a", .u8, [2], [1, 2]), ("b", .u8, [2], [3, 4])]])
        #expect(try digest([[("b", .u8, [2], [3, 4]), ("a", .u8, [2], [1, 2])]]) == digests)
        #expect(try digest([[("b", .u8, [2], [3, 4])], [("a", .u8, [2], [1, 2])]]) == digests)
        #expect(try digest([[("a", .u8, [2], [1, 2]), ("b", .u8, [2], [3, 4])]], of: ["b", "a", "b"]) == digests)
        let others = [
            try digest([[("a", .u8, [2], [1, 2]), ("b", .u8, [2], [3, 5])]]),
            try digest([[("a", .u8, [2], [3, 4]), ("b", .u8, [2], [1, 2])]]),
            try digest([[("a", .u8, [2, 1], [1, 2]), ("b", .u8, [2], [3, 4])]]),
            try digest([[("a", .i8, [2], [1, 2]), ("b", .u8, [2], [3, 4])]]),
            try digest([[("a", .u8, [2], [1, 2]), ("b", .u8, [2], [3, 4])]], of: ["a"]),
            try digest([[("a", .u8, [2], [1, 2]), ("b", .u8, [2], [3, 4])]], of: []),
        ]
        #expect(Set(others + [digests]).count == others.count + 1)
        #expect(throws: ModelFileError.self) { try digest([[("a", .u8, [2], [1, 2])]]) }
    }
}
