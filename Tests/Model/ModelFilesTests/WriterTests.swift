import Foundation
import ModelFiles
import Testing

@Suite("Writing models")
struct WriterTests {
    @Test("every type comes back as it was written")
    func roundTrip() throws {
        let directory = try TemporaryDirectory()
        let tensors = ElementType.allCases.map { type in
            (
                name: "of \(type.rawValue)", type: type, shape: [4, 2],
                bytes: (0..<UInt8(type.bitWidth)).map { $0 ^ 0xA5 }
            )
        }
        try write(tensors, to: directory.file("model.safetensors"))
        let checkpoint = try Checkpoint(directory: directory.path)
        #expect(checkpoint.tensors.count == tensors.count)
        for tensor in tensors {
            let info = try #require(checkpoint.tensor(tensor.name))
            #expect(info.shape == [4, 2] && info.type == tensor.type)
            #expect(info.byteCount == tensor.bytes.count)
            #expect(checkpoint.bytes(of: info) == tensor.bytes)
        }
    }

    @Test("numbers of each float type come back bit for bit")
    func floats() throws {
        let directory = try TemporaryDirectory()
        let values: [Float] = [0, -0, 1, -1.5, 3.140625, .infinity, 65504]
        let single = values.flatMap { littleEndian($0.bitPattern) }
        let half = values.flatMap { littleEndian(Float16($0).bitPattern) }
        let brain = values.flatMap { littleEndian(UInt16($0.bitPattern >> 16)) }
        try write(
            [("s", .f32, [7], single), ("h", .f16, [7], half), ("b", .bf16, [7], brain)],
            to: directory.file("model.safetensors"))
        let checkpoint = try Checkpoint(directory: directory.path)
        for (name, bytes) in [("s", single), ("h", half), ("b", brain)] {
            #expect(checkpoint.bytes(of: try #require(checkpoint.tensor(name))) == bytes)
        }
    }

    @Test("the header is padded to eight bytes, with names and metadata as JSON has them")
    func header() throws {
        let directory = try TemporaryDirectory()
        let name = "a \"b\" \\ \n\u{1} ä 語 🚲"
        try write([(name, .u8, [3], [1, 2, 3])], to: directory.file("m"), metadata: ["format": "pt", "\t": "\""])
        let bytes = try directory.read("m")
        let length = Int(bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        #expect((length + 8) % 64 == 0 && bytes.count == 8 + length + 3 && bytes.suffix(3) == [1, 2, 3])
        let parsed = try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length])) as? [String: [String: Any]]
        let json = try #require(parsed)
        #expect(json["__metadata__"] as? [String: String] == ["format": "pt", "\t": "\""])
        #expect(json[name]?["shape"] as? [Int] == [3])
    }

    @Test("a tensor may come in pieces, empty ones may be left out, and a file may hold none")
    func pieces() throws {
        let directory = try TemporaryDirectory()
        var writer = try SafetensorsWriter(
            path: directory.file("model.safetensors"),
            tensors: [
                .init(name: "empty", type: .f32, shape: [0, 3]), .init(name: "a", type: .i16, shape: [2]),
                .init(name: "none", type: .u8, shape: [0]), .init(name: "b", type: .u8, shape: []),
                .init(name: "last", type: .u8, shape: [0]),
            ])
        try writer.append([UInt8]([1]).span.bytes, to: "a")
        try writer.append([UInt8]([2, 3, 4]).span.bytes, to: "a")
        try writer.append([UInt8]([5]).span.bytes, to: "b")
        try writer.finish()
        let checkpoint = try Checkpoint(directory: directory.path)
        #expect(checkpoint.bytes(of: "a") == [1, 2, 3, 4])
        #expect(checkpoint.bytes(of: "b") == [5])
        #expect(checkpoint.bytes(of: "empty") == [])
        try write([], to: directory.file("model.safetensors"))
        #expect(try Checkpoint(directory: directory.path).tensors == [])
    }

    @Test("a tensor of many megabytes comes back as it was, whatever pieces it was written in")
    func largePieces() throws {
        let directory = try TemporaryDirectory()
        let bytes = (0..<5_000_003).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 &>> 13) }
        var writer = try SafetensorsWriter(
            path: directory.file("model.safetensors"), tensors: [.init(name: "a", type: .u8, shape: [bytes.count])])
        var first = 0
        for count in [1, 2_000_000, 97_000, 2_500_000, 403_002] {
            try writer.append(Array(bytes[first..<first + count]).span.bytes, to: "a")
            first += count
        }
        try writer.finish()
        #expect(try Checkpoint(directory: directory.path).bytes(of: "a") == bytes)
    }

    @Test("bytes out of turn, too many or too few are refused, and then no file is left")
    func misuse() throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("model.safetensors")
        func attempt(_ pieces: [(String, Int)]) throws {
            var writer = try SafetensorsWriter(
                path: file,
                tensors: [.init(name: "a", type: .u8, shape: [2]), .init(name: "b", type: .u8, shape: [1])])
            for (name, count) in pieces {
                try writer.append([UInt8](repeating: 0, count: count).span.bytes, to: name)
            }
            try writer.finish()
        }
        #expect(throws: ModelFileError.unexpectedBytes(file: file, tensor: "b", reason: "\"a\" is due")) {
            try attempt([("a", 1), ("b", 1)])
        }
        let tooMany = "2 bytes, only 1 of 2 are missing"
        #expect(throws: ModelFileError.unexpectedBytes(file: file, tensor: "a", reason: tooMany)) {
            try attempt([("a", 1), ("a", 2)])
        }
        let atEnd = "all declared tensors are written"
        #expect(throws: ModelFileError.unexpectedBytes(file: file, tensor: "c", reason: atEnd)) {
            try attempt([("a", 2), ("b", 1), ("c", 1)])
        }
        #expect(throws: ModelFileError.unfinished(file: file, tensor: "b", written: 0, byteCount: 1)) {
            try attempt([("a", 2)])
        }
        #expect(try directory.names() == [])
        try attempt([("a", 2), ("b", 1)])
        #expect(try directory.names() == ["model.safetensors"])
    }

    @Test("declarations that no file can hold are refused")
    func declarations() throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("model.safetensors")
        func attempt(_ tensors: [(name: String, type: ElementType, shape: [Int])]) throws {
            try write(tensors.map { ($0.name, $0.type, $0.shape, []) }, to: file)
        }
        #expect(throws: ModelFileError.duplicateTensor(tensor: "a", file: file, other: file)) {
            try attempt([("a", .u8, [1]), ("a", .u8, [1])])
        }
        #expect(throws: ModelFileError.duplicateTensor(tensor: "__metadata__", file: file, other: file)) {
            try attempt([("__metadata__", .u8, [1])])
        }
        for shape in [[-1], [1 << 62, 4], [Int.max]] {
            #expect(throws: ModelFileError.invalidShape(file: file, tensor: "a", type: .f32, shape: shape)) {
                try attempt([("a", .f32, shape)])
            }
        }
        #expect(throws: ModelFileError.invalidShape(file: file, tensor: "a", type: .f4, shape: [3])) {
            try attempt([("a", .f4, [3])])
        }
        #expect(throws: ModelFileError.invalidShape(file: file, tensor: "i", type: .u8, shape: [1 << 59])) {
            try attempt((0..<16).map { ("\($0 == 15 ? "i" : "\($0)")", .u8, [1 << 59]) })
        }
        #expect(throws: ModelFileError.self) { try write([], to: directory.file("none/model.safetensors")) }
        #expect(try directory.names() == [])
    }
}
