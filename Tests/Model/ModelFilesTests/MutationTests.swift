import Foundation
import ModelFiles
import TestSupport
import Testing

/// Damage done to a file at random, the same for the same seed.
struct Mutator {
    var random: SplitMix64

    private static let numbers = [
        "0", "1", "2", "-1", "7", "8", "9", "255", "4294967296", "9223372036854775807", "9223372036854775808",
        "18446744073709551616", "1e400", "-0", "0.5", "1E2", String(repeating: "9", count: 400),
    ]
    private static let fragments = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "null", "\"F32\"", "\"BF16\"", "\"U8\"",
        "\"shape\"",
        "\"data_offsets\":[0,0]", "\"a\":{}", "\u{0}", "é", "..", "/", "\"one\"", "\"two\"", " ",
    ]

    /// One to three mutations of JSON text.
    mutating func text(_ original: [UInt8]) -> [UInt8] {
        var text = original
        for _ in 0..<Int.random(in: 1...3, using: &random) { mutate(&text) }
        return text
    }

    private mutating func mutate(_ text: inout [UInt8]) {
        guard !text.isEmpty else { return }
        let place = Int.random(in: 0..<text.count, using: &random)
        let end = min(text.count, place + Int.random(in: 1...12, using: &random))
        switch Int.random(in: 0..<8, using: &random) {
        case 0: text[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: text[place] = UInt8.random(in: 0...255, using: &random)
        case 2: text.removeSubrange(place..<end)
        case 3: text.insert(contentsOf: text[place..<end], at: Int.random(in: 0...text.count, using: &random))
        case 4: text.insert(contentsOf: Self.fragments.randomElement(using: &random)!.utf8, at: place)
        case 5, 6: replaceNumber(in: &text, with: Array(Self.numbers.randomElement(using: &random)!.utf8))
        default: swapNumbers(in: &text)
        }
    }

    private mutating func replaceNumber(in text: inout [UInt8], with number: [UInt8]) {
        guard let range = Self.numberRanges(in: text).randomElement(using: &random) else { return }
        text.replaceSubrange(range, with: number)
    }

    private mutating func swapNumbers(in text: inout [UInt8]) {
        let ranges = Self.numberRanges(in: text).shuffled(using: &random).prefix(2).sorted {
            $0.lowerBound < $1.lowerBound
        }
        guard ranges.count == 2 else { return }
        let (first, second) = (Array(text[ranges[0]]), Array(text[ranges[1]]))
        text.replaceSubrange(ranges[1], with: first)
        text.replaceSubrange(ranges[0], with: second)
    }

    private static func numberRanges(in text: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for (index, byte) in text.enumerated() where byte >= 48 && byte <= 57 {
            if let last = ranges.last, last.upperBound == index {
                ranges[ranges.count - 1] = last.lowerBound..<index + 1
            } else {
                ranges.append(index..<index + 1)
            }
        }
        return ranges
    }

    /// A safetensors file with a damaged header, length or end.
    mutating func file(_ original: [UInt8], headerLength: Int) -> [UInt8] {
        let header = Array(original[8..<8 + headerLength])
        let data = original[(8 + headerLength)...]
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return Array(original.prefix(Int.random(in: 0..<original.count, using: &random)))
        case 1: return original + [UInt8](repeating: 0, count: Int.random(in: 1...64, using: &random))
        case 2:
            var bytes = original
            bytes[Int.random(in: 0..<8, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
            return bytes
        case 3: return Array(original.prefix(8)) + text(header) + data
        default:
            let text = text(header)
            return littleEndian(UInt64(text.count)) + text + data
        }
    }
}

@Suite("Mutated files")
struct MutationTests {
    private static let seed: UInt64 = 20_240_229

    /// Opens the model in `directory` and reads all of it; true where it opened, false where it was refused.
    private func opens(_ directory: TemporaryDirectory, _ comment: Comment) -> Bool {
        do {
            let checkpoint = try Checkpoint(directory: directory.path)
            for tensor in checkpoint.tensors {
                let bytes = checkpoint.bytes(of: tensor)
                #expect(bytes.count == tensor.byteCount, comment)
                #expect(tensor.shape.reduce(1, *) == tensor.elementCount, comment)
            }
            let names = checkpoint.tensors.map(\.name)
            #expect(throws: Never.self, comment) { try checkpoint.digest(of: names) }
            return true
        } catch {
            #expect(!error.description.contains("\n"), comment)
            return false
        }
    }

    @Test("a mutated file is read whole or refused, never worse")
    func files() throws {
        let directory = try TemporaryDirectory()
        try write(
            [
                ("transformer.h.0.ln_1.weight", .f32, [2, 4], Array(0..<32)), ("wte.weight", .f16, [3], Array(0..<6)),
                ("empty", .bf16, [0, 5], []), ("attn.bias", .bool, [1, 1, 2, 2], [1, 0, 1, 1]),
                ("s", .i64, [], Array(0..<8)),
            ], to: directory.file("original"), metadata: ["format": "pt", "é": "\"\n"])
        let original = try directory.read("original")
        let headerLength = Int(original[0]) + Int(original[1]) << 8
        var mutator = Mutator(random: SplitMix64(seed: Self.seed))
        var opened = 0
        let rounds = 3_000
        for round in 0..<rounds {
            try directory.write(mutator.file(original, headerLength: headerLength), to: "model.safetensors")
            if opens(directory, "seed \(Self.seed), round \(round)") { opened += 1 }
        }
        // Both outcomes have to occur, or the mutations are too mild or too wild to tell anything.
        #expect(opened > rounds / 100 && opened < rounds / 2, "\(opened) of \(rounds) opened, seed \(Self.seed)")
    }

    @Test("a mutated index leads to all tensors or is refused")
    func indexes() throws {
        let directory = try TemporaryDirectory()
        try write([("a1", .u8, [2], [1, 2]), ("a2", .u8, [1], [3])], to: directory.file("one"))
        try write([("b", .f32, [1], [0, 0, 128, 63])], to: directory.file("two"))
        let index = "{\"metadata\":{\"total_size\":7},\"weight_map\":{\"a1\":\"one\",\"a2\":\"one\",\"b\":\"two\"}}"
        var mutator = Mutator(random: SplitMix64(seed: Self.seed))
        var opened = 0
        let rounds = 1_000
        for round in 0..<rounds {
            try directory.write(mutator.text(Array(index.utf8)), to: "model.safetensors.index.json")
            if opens(directory, "seed \(Self.seed), round \(round)") { opened += 1 }
        }
        #expect(opened > rounds / 100 && opened < rounds / 2, "\(opened) of \(rounds) opened, seed \(Self.seed)")
    }

    @Test("a mutated config.json gives a shape within the limits, or one line")
    func configurations() throws {
        let directory = try TemporaryDirectory()
        let text = """
            {"model_type": "gpt2", "n_layer": 2, "n_embd": 8, "n_head": 2, "n_positions": 16, "vocab_size": 9,
            "n_inner": null, "activation_function": "gelu_new", "layer_norm_epsilon": 1e-05, "eos_token_id": [8, 1],
            "scale_attn_weights": true, "tie_word_embeddings": true, "rope_scaling": null}
            """
        var mutator = Mutator(random: SplitMix64(seed: Self.seed))
        var opened = 0
        let rounds = 1_000
        for round in 0..<rounds {
            try directory.write(mutator.text(Array(text.utf8)), to: "config.json")
            do {
                let shape = try GPT2Configuration(directory: directory.path)
                #expect(shape.width % shape.headCount == 0, "seed \(Self.seed), round \(round)")
                opened += 1
            } catch {
                let isOneLine = !error.description.contains(where: \.isNewline)
                #expect(isOneLine, "seed \(Self.seed), round \(round): \(error)")
            }
        }
        #expect(opened > rounds / 100 && opened < rounds / 2, "\(opened) of \(rounds) opened, seed \(Self.seed)")
    }

    @Test("a mutated sidecar does no harm")
    func sidecars() throws {
        let directory = try TemporaryDirectory()
        try write([("a", .u8, [2], [1, 2])], to: directory.file("model.safetensors"))
        let checkpoint = try Checkpoint(directory: directory.path)
        _ = try DigestCache(checkpoint: checkpoint, cacheDirectory: nil).digest("g", of: ["a"], in: checkpoint)
        let original = try directory.read(ModelDirectory.FileName.digests)
        var mutator = Mutator(random: SplitMix64(seed: Self.seed))
        for round in 0..<200 {
            try directory.write(mutator.text(original), to: ModelDirectory.FileName.digests)
            let cache = DigestCache(checkpoint: checkpoint, cacheDirectory: nil)
            let digest = try cache.digest("g", of: ["a"], in: checkpoint)
            #expect(digest.bytes.count == 32, "seed \(Self.seed), round \(round)")
        }
    }
}
