import Foundation
import GPT2
import Kernels
import ModelFiles
import TestSupport
import Testing

/// Files of packed models that are not what they should be: one line that names the file and the field, no crash.
@Suite("Malformed packed models")
struct MalformedPackedModelTests {
    private static let seed: UInt64 = 20_261_125

    private static let shape = GPT2Configuration(
        layerCount: 1, width: 32, headCount: 2, contextLength: 64, vocabularySize: 100)

    private func tinyModel(_ type: PackedType = .int8) throws -> TestModelDirectory {
        let source = try TestModelDirectory(Self.shape, seed: Self.seed)
        return try TestModelDirectory(packing: source.path, as: type)
    }

    /// Does all that can be done with a model, and gives the line with which it failed; nil where it did not.
    private func failure(_ directory: TestModelDirectory, verifying: Bool = true) -> String? {
        do {
            let model = try LocalModel(directory: directory.path)
            _ = try model.checkTensors()
            _ = try model.identity { _, _ in }
            if verifying { try model.verify { _, _ in } }
            let pipeline = try Pipeline(directory: directory.path, cache: .f16)
            _ = try pipeline.logits([5, 99, 0, 7], chunks: [3, 1])
            return nil
        } catch {
            return "\(error)"
        }
    }

    private func expectLine(_ line: String?, _ parts: [String], _ comment: Comment) {
        #expect(line != nil, comment)
        guard let line else { return }
        #expect(isOneLine(line), comment)
        for part in parts { #expect(line.contains(part), "\(part): \(line)") }
    }

    private func isOneLine(_ text: String) -> Bool { !text.unicodeScalars.contains { $0.properties.isNewline } }

    @Test("a packed model as it should be")
    func whole() throws {
        for type in PackedType.allCases { #expect(failure(try tinyModel(type)) == nil, "\(type)") }
    }

    /// A change of one file's metadata, and what the line says of it.
    struct Fault {
        var file = "head"
        let old: String
        let new: String
        let parts: [String]
    }

    static let faults = [
        Fault(
            old: #""paceline.layout":"2""#, new: #""paceline.layout":"1""#,
            parts: ["paceline.layout", "is \"1\", and this program reads 2: pack the model again"]),
        Fault(
            old: #""paceline.type":"int8""#, new: #""paceline.type":"int3""#,
            parts: ["paceline.type", "is \"int3\"", "f32, bf16, f16, int8, int4"]),
        Fault(
            old: #""paceline.type":"int8""#, new: #""paceline.type":"int\n3\u2028""#,
            parts: ["paceline.type", "f32, bf16, f16, int8, int4"]),
        Fault(
            old: #""paceline.type":"int8""#, new: #""paceline.type":"int4""#,
            parts: ["paceline.type", "int4", "int8"]),
        Fault(old: "paceline.layout", new: "paceline.lay", parts: ["paceline.layout is missing"]),
        Fault(old: "paceline.type", new: "paceline.typ", parts: ["paceline.type is missing"]),
        Fault(old: "paceline.group", new: "paceline.grou", parts: ["paceline.group is missing"]),
        Fault(old: "paceline.sha256", new: "paceline.sha", parts: ["paceline.sha256 is missing"]),
        Fault(old: "paceline.identity", new: "paceline.iden", parts: ["paceline.identity is missing"]),
        Fault(
            old: #""paceline.sha256":""#, new: #""paceline.sha256":"x"#, parts: ["paceline.sha256 is no SHA-256"]),
        Fault(
            old: #""paceline.identity":""#, new: #""paceline.identity":"0"#,
            parts: ["paceline.identity is no SHA-256"]),
        Fault(
            old: #""paceline.group":"head""#, new: #""paceline.group":"embedding""#,
            parts: ["paceline.group", "\"embedding\""]),
    ]

    @Test("metadata that this program does not know, or that is missing", arguments: faults)
    func metadata(fault: Fault) throws {
        let directory = try tinyModel()
        try directory.editHeader("model-\(fault.file).safetensors") { header in
            #expect(header.contains(fault.old))
            return header.replacingOccurrences(of: fault.old, with: fault.new)
        }
        expectLine(failure(directory), ["model-", ".safetensors: metadata: "] + fault.parts, "\(fault)")
    }

    @Test("a file that says it holds another group is named", arguments: ["layer 0", "embedding", "head"])
    func otherGroup(group: String) throws {
        let directory = try tinyModel()
        let file = "model-\(group.replacingOccurrences(of: " ", with: "-")).safetensors"
        try directory.editHeader(file) {
            $0.replacingOccurrences(of: "\"paceline.group\":\"\(group)\"", with: "\"paceline.group\":\"tail\"")
        }
        let parts = [file, "paceline.group is \"tail\", and the file holds ", "of \(group)"]
        expectLine(failure(directory), parts, "\(group)")
    }

    @Test("files that all lack a field are no model in Hugging Face's layout")
    func noLayout() throws {
        let directory = try tinyModel()
        for group in ["layer-0", "embedding", "head"] {
            try directory.editHeader("model-\(group).safetensors") {
                $0.replacingOccurrences(of: #""paceline.layout":"2","#, with: "")
            }
        }
        expectLine(failure(directory), [".safetensors: metadata: paceline.layout is missing"], "no layout")
    }

    @Test("a file of a model packed in another type, or not packed, is refused")
    func mixedTypes() throws {
        let directory = try tinyModel()
        for type in [PackedType.f32, .f16, .int4] {
            let other = try tinyModel(type)
            try directory.write(try other.read("model-layer-0.safetensors"), to: "model-layer-0.safetensors")
            expectLine(failure(directory), ["paceline.type", type.rawValue, "int8"], "\(type)")
        }
        try directory.editHeader("model-layer-0.safetensors") {
            $0.replacingOccurrences(of: "paceline.", with: "elsewhere.")
        }
        expectLine(failure(directory), ["model-layer-0.safetensors", "paceline.layout is missing"], "not packed")
    }

    @Test("panels of another size than the configuration's are refused")
    func sizes() throws {
        let directory = try tinyModel()
        let config = String(decoding: try directory.read("config.json"), as: UTF8.self)
        let wider = config.replacingOccurrences(of: "\"vocab_size\": 100", with: "\"vocab_size\": 200")
        #expect(wider != config)
        try directory.write(Array(wider.utf8), to: "config.json")
        expectLine(failure(directory), ["model-embedding.safetensors", "wte.weight", "expected"], "vocabulary")
    }

    @Test("a file cut short is refused, wherever it ends")
    func truncated() throws {
        let directory = try tinyModel()
        let name = "model-layer-0.safetensors"
        let bytes = try directory.read(name)
        for count in [0, 4, 8, 100, bytes.count / 2, bytes.count - 1] {
            try directory.write(Array(bytes.prefix(count)), to: name)
            expectLine(failure(directory), [name], "\(count) bytes")
        }
    }

    @Test("panels that begin at any address give the same numbers", arguments: PackedType.allCases)
    func alignment(type: Kernels.PackedType) throws {
        let directory = try tinyModel(type)
        let tokens: [Int32] = [5, 99, 0, 7, 7, 1, 31, 64, 12, 3]
        let expected = try Pipeline(directory: directory.path).logits(tokens, chunks: [9, 1])
        let names = try directory.names().filter { $0.hasSuffix(".safetensors") }
        for _ in 0..<3 {
            for name in names { try directory.editHeader(name) { $0 + " " } }
            for instructionSet in InstructionSet.supported {
                let pipeline = try Pipeline(directory: directory.path, instructionSet: instructionSet)
                #expect(try pipeline.logits(tokens, chunks: [9, 1]) == expected, "\(instructionSet)")
            }
        }
    }

    @Test(
        "a mutated file works or is refused in one line, never worse", arguments: [PackedType.f32, .f16, .int8, .int4])
    func mutations(type: Kernels.PackedType) throws {
        let directory = try tinyModel(type)
        let names = try directory.names().filter { $0 != "config.json" }
        let originals = try names.map(directory.read)
        var random = SplitMix64(seed: Self.seed)
        var worked = 0
        let rounds = 300
        for round in 0..<rounds {
            let index = random.int(0...names.count - 1)
            try directory.write(mutated(originals[index], &random), to: names[index])
            // Without comparing digests, or hardly a damaged panel would ever be multiplied.
            let line = failure(directory, verifying: false)
            if let line {
                #expect(isOneLine(line), "seed \(Self.seed), round \(round): \(line)")
            } else {
                worked += 1
            }
            try directory.write(originals[index], to: names[index])
        }
        #expect(worked > rounds / 20 && worked < rounds * 19 / 20, "\(worked) worked, seed \(Self.seed)")
    }

    /// One to three changes: of the header or anywhere, bits or bytes, and at times the length.
    private func mutated(_ original: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var bytes = original
        for _ in 0..<random.int(1...3) where !bytes.isEmpty {
            let last = bytes.count - 1
            let place = random.int(0...(random.chance(50) ? min(last, 1200) : last))
            switch random.int(0...9) {
            case 0: bytes.removeSubrange(place...min(last, place + random.int(0...7)))
            case 1: bytes.insert(UInt8(random.int(0...255)), at: place)
            case 2: bytes.removeLast(bytes.count - place)
            case 3: bytes[place] = UInt8(ascii: "0") + UInt8(random.int(0...9))
            case 4, 5: for index in place...min(last, place + random.int(0...63)) { bytes[index] = 0xFF }
            case 6: bytes[place] = UInt8(random.int(0...255))
            default: bytes[place] ^= 1 << UInt8(random.int(0...7))
            }
        }
        return bytes
    }
}

extension Unicode.Scalar.Properties {
    /// Whether it ends a line.
    fileprivate var isNewline: Bool {
        switch generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
