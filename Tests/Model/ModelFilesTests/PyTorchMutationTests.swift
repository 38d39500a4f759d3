import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite("Mutated PyTorch files")
struct PyTorchMutationTests {
    private static let seed = TestSeed.value
    private static let rounds = 1_000

    /// Damages a few bytes, most often those of numbers and instructions.
    private func damage(_ bytes: inout [UInt8], _ random: inout SplitMix64, within range: Range<Int>? = nil) {
        for _ in 0..<random.int(1...3) {
            let range = range ?? 0..<bytes.count
            guard range.upperBound <= bytes.count, let place = range.randomElement(using: &random) else { return }
            let end = min(bytes.count, place + random.int(1...12))
            switch random.int(0...7) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 2: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random)!
            case 3: bytes.replaceSubrange(place..<end, with: [UInt8](repeating: 0xFF, count: end - place))
            case 4: bytes.removeSubrange(place..<end)
            case 5:
                let source = Int.random(in: range, using: &random)
                bytes.insert(contentsOf: bytes[source..<min(bytes.count, source + random.int(1...40))], at: place)
            case 6: bytes[place] = Self.instructions.randomElement(using: &random)!
            default: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &random))
            }
        }
    }

    private static let instructions =
        Array("(01]}).)tlduseaRbcQhjqrKJMNXBCG2oi".utf8) + [
            0x80, 0x81, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8B, 0x8C, 0x8F, 0x90, 0x91, 0x92, 0x93, 0x94, 0x95,
        ]

    /// Opens each mutation and reads all its tensors. Both outcomes have to occur, or the mutations would tell nothing.
    private func run(_ what: String, _ mutate: (inout SplitMix64) -> [UInt8]) throws {
        let directory = try TemporaryDirectory()
        var random = SplitMix64(seed: Self.seed)
        var opened = 0
        for round in 0..<Self.rounds {
            let comment: Comment = "\(what), seed \(Self.seed), round \(round)"
            let bytes = mutate(&random)
            try directory.write(bytes, to: "model.bin")
            do {
                let file = try PyTorchFile(path: directory.file("model.bin"))
                for tensor in file.tensors {
                    #expect(tensor.range.lowerBound >= 0 && tensor.range.upperBound <= bytes.count, comment)
                    let byteCount = tensor.mapped.withBytes { $0.byteCount }
                    #expect(tensor.strides != nil || byteCount == tensor.info.byteCount, comment)
                    #expect(last(tensor) <= byteCount, comment)
                }
                opened += 1
            } catch {
                #expect(!error.description.contains("\n"), comment)
            }
        }
        #expect(
            opened > Self.rounds / 100 && opened < Self.rounds * 9 / 10,
            "\(what): \(opened) of \(Self.rounds) opened, seed \(Self.seed)")
    }

    /// Bytes up to the end of the tensor's last element.
    private func last(_ tensor: StoredTensor) -> Int {
        guard let strides = tensor.strides, tensor.info.elementCount > 0 else { return tensor.info.byteCount }
        let last = zip(tensor.info.shape, strides).reduce(0) { $0 + ($1.0 - 1) * $1.1 }
        return (last + 1) * tensor.info.type.byteWidth
    }

    private func original(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: ModelForms.path(name))))
    }

    @Test(
        "a mutated pickle in an archive is read or refused in one line",
        arguments: ["views/pytorch_model.bin", "nanogpt-no-biases/ckpt.pt"])
    func pickles(_ name: String) throws {
        let original = TestArchive(reading: try original(name))
        let index = try #require(original.files.firstIndex { $0.name.hasSuffix("/data.pkl") })
        try run("pickle of \(name)") { random in
            var archive = original
            damage(&archive.files[index].bytes, &random)
            return archive.bytes()
        }
    }

    @Test("a mutated archive is read or refused in one line", arguments: [false, true])
    func archives(long: Bool) throws {
        let original =
            long
            ? Array(try Data(contentsOf: URL(filePath: Pickles.path("zip64.bin"))))
            : TestArchive(reading: try original("deep/pytorch_model.bin")).bytes()
        let directory = try #require(original.indices.last { original[$0...].starts(with: [0x50, 0x4B, 3, 4]) })
        try run(long ? "archive with zip64 records" : "archive") { random in
            var bytes = original
            switch random.int(0...9) {
            case 0: return Array(bytes.prefix(random.int(0...bytes.count)))
            case 1, 2: damage(&bytes, &random)
            // Headers of files, and then the directory.
            default: damage(&bytes, &random, within: random.chance(20) ? 0..<200 : directory..<bytes.count)
            }
            return bytes
        }
    }

    @Test("a mutated file of the old form is read or refused in one line")
    func legacy() throws {
        let original = try original("legacy/pytorch_model.bin")
        let pickles = 0..<12_000
        try run("old form") { random in
            var bytes = original
            switch random.int(0...9) {
            case 0: return Array(bytes.prefix(random.int(0...bytes.count)))
            case 1: damage(&bytes, &random)
            default: damage(&bytes, &random, within: pickles)
            }
            return bytes
        }
    }

    @Test("a mutated index of shards is read or refused in one line")
    func shards() throws {
        let directory = try TemporaryDirectory()
        let source = ModelForms.path("bin-sharded")
        for part in 1...3 {
            let name = "pytorch_model-0000\(part)-of-00003.bin"
            try FileManager.default.copyItem(atPath: source + "/" + name, toPath: directory.file(name))
        }
        let name = "pytorch_model.bin.index.json"
        let original = Array(try Data(contentsOf: URL(filePath: source + "/" + name)))
        var mutator = Mutator(random: SplitMix64(seed: Self.seed))
        for round in 0..<Self.rounds / 4 {
            try directory.write(mutator.text(original), to: name)
            do {
                let shards = try PyTorchShards(index: directory.file(name), directory: directory.path)
                #expect(!shards.files.isEmpty)
            } catch {
                #expect(!error.description.contains("\n"), "seed \(Self.seed), round \(round)")
            }
        }
    }
}
