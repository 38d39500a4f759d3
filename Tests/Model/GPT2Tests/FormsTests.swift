import Foundation
import GPT2
import Kernels
import ModelFiles
import TestSupport
import Testing

/// Small models in the forms of files that people have, and what PyTorch computes from them
/// (scripts/fixtures/make-model-files.py).
@Suite("Forms of model files")
struct FormsTests {
    struct Reference: Decodable {
        struct Sequence: Decodable {
            let tokens: [Int32]
            /// Of each token but the first, in f64.
            let logProbabilities: [Double]
        }

        let sequences: [Sequence]
        let prompt: [Int32]
        let greedy: [Int32]
    }

    /// A model's directory, what it is in the record, and the activation function that its files may leave open.
    struct Form: Sendable, CustomTestStringConvertible {
        let directory: String
        let reference: String
        var activation: ActivationFunction?

        var testDescription: String { "\(directory), \(reference)" }
    }

    private static let formsOfOne =
        [
            "plain", "sharded", "double", "compiled", "head-only", "zip", "legacy", "bin-sharded", "views", "lightning",
        ].map { Form(directory: $0, reference: "base") } + [
            Form(directory: "nanogpt", reference: "base", activation: .geluNew)
        ]

    private static let others = [
        Form(directory: "nanogpt", reference: "base with erf"), Form(directory: "untied", reference: "untied"),
        Form(directory: "nanogpt", reference: "base with relu", activation: .relu),
        Form(directory: "nanogpt", reference: "base with silu", activation: .silu),
        Form(directory: "no-biases", reference: "no-biases"),
        Form(directory: "nanogpt-no-biases", reference: "no-biases with erf"),
        Form(directory: "nanogpt-no-biases", reference: "no-biases", activation: .geluNew),
        Form(directory: "deep", reference: "deep"),
    ]

    private static let folder = Repository.fixtures.appending(path: "model-files")

    private func reference(_ name: String) throws -> Reference {
        let data = try Data(contentsOf: Self.folder.appending(path: "expected.json"))
        return try #require(try JSONDecoder().decode([String: Reference].self, from: data)[name])
    }

    private func open(_ form: Form) throws -> LocalModel {
        // A digest that is kept beside a model would be believed.
        let path = Self.folder.appending(path: form.directory).path(percentEncoded: false)
        let model = try LocalModel(directory: path, activation: form.activation)
        try model.checkTensors()
        return model
    }

    /// Log-probabilities of all tokens of a sequence but the first, from stages of one layer each.
    private func scores(_ model: LocalModel, _ tokens: [Int32]) throws -> [Float] {
        let logits = try Pipeline(model, stageCount: min(2, model.configuration.layerCount))
            .logits([SequenceSlice(start: 0, tokens: tokens, blockTable: Pipeline.blocks(for: tokens.count))])
        return (1..<tokens.count).map { index in
            let row = logits.row(index - 1).map(Double.init)
            let greatest = row.max() ?? 0
            let sum = row.reduce(0) { $0 + exp($1 - greatest) }
            return Float(row[Int(tokens[index])] - greatest - log(sum))
        }
    }

    @Test("the numbers are those of PyTorch", arguments: formsOfOne + others)
    func numbers(form: Form) throws {
        let model = try open(form)
        let reference = try reference(form.reference)
        for sequence in reference.sequences {
            for (found, wanted) in zip(try scores(model, sequence.tokens), sequence.logProbabilities) {
                #expect(abs(Double(found) - wanted) < 1e-4)
            }
        }
        var tokens = reference.prompt
        let pipeline = try Pipeline(model)
        for _ in reference.greedy {
            let slice = SequenceSlice(start: 0, tokens: tokens, blockTable: Pipeline.blocks(for: tokens.count))
            tokens.append(try pipeline.logits([slice]).argmax(row: tokens.count - 1))
        }
        #expect(Array(tokens.dropFirst(reference.prompt.count)) == reference.greedy)
    }

    @Test(
        "settings of attention give the numbers of PyTorch",
        arguments: [
            ("scale_attn_weights", false), ("scale_attn_by_inverse_layer_idx", true), ("reorder_and_upcast_attn", true),
        ])
    func attentionSettings(option: String, value: Bool) throws {
        // That one changes nothing where all is f32.
        let record = option == "reorder_and_upcast_attn" ? "base" : "base with \(option)"
        let source = Self.folder.appending(path: "plain")
        let directory = FileManager.default.temporaryDirectory.appending(path: "forms-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: source.appending(path: "model.safetensors"), to: directory.appending(path: "model.safetensors"))
        let text = try Data(contentsOf: source.appending(path: "config.json"))
        var fields = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
        fields[option] = value
        try JSONSerialization.data(withJSONObject: fields).write(to: directory.appending(path: "config.json"))
        let model = try LocalModel(directory: directory.path(percentEncoded: false))
        for sequence in try reference(record).sequences {
            for (found, wanted) in zip(try scores(model, sequence.tokens), sequence.logProbabilities) {
                #expect(abs(Double(found) - wanted) < 1e-4)
            }
        }
    }

    @Test("one model in many forms has one identity and one digest of scores")
    func identity() throws {
        var identities: Set<Digest> = []
        var digests: Set<Digest> = []
        let sequences = try reference("base").sequences
        for form in Self.formsOfOne {
            let model = try open(form)
            identities.insert(try model.identity { _, _ in }.digest)
            var bytes: [UInt8] = []
            for sequence in sequences {
                for token in sequence.tokens { withUnsafeBytes(of: token.littleEndian) { bytes += $0 } }
                for score in try scores(model, sequence.tokens) {
                    withUnsafeBytes(of: score.bitPattern.littleEndian) { bytes += $0 }
                }
            }
            digests.insert(Digest(of: bytes))
        }
        #expect(identities.count == 1 && digests.count == 1)
    }

    @Test("packed, the model is the same, and another form of it gives the same files", arguments: PackedType.allCases)
    func packed(type: Kernels.PackedType) throws {
        let source = try open(Self.formsOfOne[0])
        let first = try TestModelDirectory(packing: source.directory, as: type)
        #expect(try LocalModel(directory: first.path).identity { _, _ in }.digest == source.identity { _, _ in }.digest)
        for form in ["double", "views", "legacy"] {
            let path = Self.folder.appending(path: form).path(percentEncoded: false)
            let second = try TestModelDirectory(packing: path, as: type)
            #expect(try first.names() == second.names())
            for name in try first.names() where name.hasSuffix(".safetensors") {
                #expect(try first.read(name) == second.read(name), "\(form), \(name)")
            }
        }
    }

    @Test("other weights, settings or activation are another model")
    func different() throws {
        let forms = [Self.formsOfOne[0]] + Self.others
        let identities = try Set(forms.map { try open($0).identity { _, _ in }.digest })
        // The model without biases is there twice.
        #expect(identities.count == forms.count - 1)
    }
}
