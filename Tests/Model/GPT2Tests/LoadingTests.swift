import Foundation
import GPT2
import Kernels
import ModelFiles
import Testing

@Suite("Configuration and loading")
struct LoadingTests {
    private let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "paceline-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    /// Reads a config.json with the demo model's shape and the given fields changed; nil leaves one out.
    private func configuration(_ changes: [String: Any?]) throws -> GPT2Configuration {
        var fields: [String: Any] = [
            "model_type": "gpt2", "n_layer": 2, "n_embd": 48, "n_head": 3, "n_positions": 64, "vocab_size": 100,
        ]
        for (name, value) in changes { fields[name] = value }
        try JSONSerialization.data(withJSONObject: fields).write(to: directory.appending(path: "config.json"))
        defer { try? FileManager.default.removeItem(at: directory.appending(path: "config.json")) }
        return try GPT2Configuration(directory: directory.path(percentEncoded: false))
    }

    private func refused(
        _ changes: [String: Any?], _ fault: String, location: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: ModelFileError.self, sourceLocation: location) { _ = try configuration(changes) }
        let description = error?.description ?? ""
        #expect(description.hasSuffix("config.json: \(fault)"), "\(description)", sourceLocation: location)
    }

    @Test("the demo model's configuration is read")
    func demo() throws {
        let configuration = try GPT2Configuration(directory: Fixture.demo.model)
        #expect(configuration.layerCount == 8)
        #expect(configuration.width == 192)
        #expect(configuration.headCount == 3)
        #expect(configuration.headWidth == 64)
        #expect(configuration.contextLength == 512)
        #expect(configuration.vocabularySize == 8192)
        #expect(configuration.innerWidth == 768)
        #expect(configuration.layerNormEpsilon == 1e-5)
        #expect(configuration.activation == .geluNew)
    }

    @Test("what a configuration leaves out has GPT-2's defaults")
    func defaults() throws {
        let plain = try configuration([:])
        #expect(plain.innerWidth == 192)
        #expect(plain.layerNormEpsilon == 1e-5)
        #expect(plain.activation == .geluNew)
        #expect(plain.scalesAttention && !plain.scalesAttentionByLayer)
        #expect(try configuration(["n_positions": nil, "n_ctx": 77]).contextLength == 77)
        #expect(try configuration(["n_inner": NSNull(), "n_head": 3.0]).innerWidth == 192)
        let sizes = ["n_layer", "n_embd", "n_head", "n_positions", "vocab_size"]
        let small = try configuration(Dictionary(uniqueKeysWithValues: sizes.map { ($0, nil) }))
        #expect(
            small == GPT2Configuration(layerCount: 12, width: 768, headCount: 12))
    }

    @Test("sizes have two names each, which may not contradict each other")
    func names() throws {
        let other = try configuration([
            "n_layer": nil, "num_hidden_layers": 5, "n_embd": nil, "hidden_size": 24, "n_head": nil,
            "num_attention_heads": 2, "n_positions": nil, "max_position_embeddings": 9,
        ])
        #expect(other.layerCount == 5 && other.width == 24 && other.headCount == 2 && other.contextLength == 9)
        #expect(try configuration(["num_hidden_layers": 2]).layerCount == 2)
        refused(["num_hidden_layers": 3], "num_hidden_layers: 3 contradicts n_layer, which is 2")
    }

    @Test("activation functions are known by all their names")
    func activations() throws {
        for (name, function) in [
            ("gelu_new", ActivationFunction.geluNew), ("gelu_pytorch_tanh", .geluNew), ("gelu_fast", .geluNew),
            ("gelu", .gelu), ("gelu_python", .gelu), ("relu", .relu), ("silu", .silu), ("swish", .silu),
        ] {
            #expect(try configuration(["activation_function": name]).activation == function, "\(name)")
        }
    }

    @Test("settings of attention that change no numbers are taken, and those that do are obeyed")
    func attention() throws {
        #expect(try configuration(["reorder_and_upcast_attn": true]) == configuration([:]))
        #expect(try !configuration(["scale_attn_weights": false]).scalesAttention)
        #expect(try configuration(["scale_attn_by_inverse_layer_idx": true]).scalesAttentionByLayer)
    }

    @Test("faults of a configuration name the field")
    func faults() {
        refused(["n_head": 5], "n_head: 5 heads do not divide the width n_embd = 48")
        refused(["n_embd": 0], "n_embd: 0 is no whole number from 1 to 65536")
        refused(["n_layer": -1], "n_layer: -1 is no whole number from 1 to 4096")
        refused(["vocab_size": 1 << 40], "vocab_size: 1099511627776 is no whole number from 1 to 16777216")
        refused(["n_embd": "wide"], "n_embd: \"wide\" is no whole number from 1 to 65536")
        refused(["n_embd": 48.5], "n_embd: 48.5 is no whole number from 1 to 65536")
        refused(["layer_norm_epsilon": -1], "layer_norm_epsilon: -1 is not within 0 to 1")
        refused(
            ["activation_function": "mish"],
            "activation_function: \"mish\" is not supported, only gelu_new, gelu, relu, silu are")
        refused(["model_type": "llama"], "model_type: \"llama\" is not supported, only \"gpt2\" is")
        refused(["scale_attn_weights": 1], "scale_attn_weights: 1 is neither true nor false")
        refused(["quantization_config": ["bits": 4]], "quantization_config: {…} is not supported")
        refused(["rope_theta": 10000], "rope_theta: 10000 is not supported")
        refused(["add_cross_attention": true], "add_cross_attention: true is not supported")
    }

    @Test("a configuration that is missing or no JSON is refused")
    func unreadable() throws {
        let path = directory.path(percentEncoded: false)
        let missing = #expect(throws: ModelFileError.self) { _ = try GPT2Configuration(directory: path) }
        #expect(missing?.description.contains("do not say how many attention heads a model has") == true)
        for text in ["", "{", "[]", "\u{0}", String(repeating: "[", count: 100_000)] {
            try Data(text.utf8).write(to: directory.appending(path: "config.json"))
            #expect(throws: ModelFileError.self) { _ = try GPT2Configuration(directory: path) }
        }
    }

    @Test("layers the model does not have and weights that do not fit are refused")
    func wrongLayers() throws {
        let demo = try GPT2Configuration(directory: Fixture.demo.model)
        let backend = try Backend(threadCount: 1)
        func stage(_ fixture: Fixture, _ layers: Range<Int>, blocks: Int = 8) throws -> PipelineStage {
            try PipelineStage(
                configuration: demo, files: ModelWeights(directory: fixture.model), layers: layers,
                blockCount: blocks, backend: backend)
        }
        for layers in [0..<9, 3..<3, -1..<2, 8..<9] {
            #expect(throws: GPT2Error.layers(layers, layerCount: 8)) { _ = try stage(.demo, layers) }
        }
        for blocks in [0, -1, .max] {
            #expect(throws: GPT2Error.blockCount(blocks)) { _ = try stage(.demo, 0..<1, blocks: blocks) }
        }
        let error = #expect(throws: GPT2Error.self) { _ = try stage(.oneHead, 0..<1) }
        #expect(error?.description.contains("has shape [48], expected [192]") == true)
    }

    @Test("a stage holds its own layers only, and says how much memory and how far it is")
    func stages() throws {
        let demo = try GPT2Configuration(directory: Fixture.demo.model)
        let files = try ModelWeights(directory: Fixture.demo.model)
        let backend = try Backend(threadCount: 2)
        var steps: [(done: Int, total: Int)] = []
        let middle = try PipelineStage(
            configuration: demo, files: files, layers: 2..<4, blockCount: 10, backend: backend
        ) { steps.append(($0, $1)) }
        #expect(!middle.isFirst)
        #expect(!middle.isLast)
        // Products, biases and layer norms of two layers, in f32.
        #expect(middle.weightBytes == 2 * (12 * 192 * 192 + 13 * 192) * 4)
        #expect(middle.cacheBytes == 2 * 10 * 2 * 16 * 192 * 4)
        #expect(steps.map(\.done) == steps.map(\.done).sorted())
        #expect(steps.last?.done == steps.last?.total)
        #expect(steps.last?.total == middle.weightBytes / 2)
        #expect(throws: GPT2Error.self) { _ = try middle.logits(rows: [], of: Matrix(rows: 0, columns: 192)) }
        #expect(PipelineStage.multiplyAdds(demo).perLayer == 12 * 192 * 192)
        #expect(PipelineStage.multiplyAdds(demo).head == 192 * 8192)
    }

    @Test("the roles of tensors cover the whole model once", arguments: Fixture.allCases)
    func names(fixture: Fixture) throws {
        let model = try LocalModel(directory: fixture.model)
        #expect(model.weights.isHeadTied == (fixture != .untiedOldNames))
        let roles = model.groups.flatMap { $0.roles(tied: model.weights.isHeadTied) }
        let held = Set(roles.map { model.weights.tensor($0)?.name })
        let isBuffer = { (name: String) in name.hasSuffix(".attn.bias") || name.hasSuffix(".attn.masked_bias") }
        #expect(held == Set(model.weights.tensors.map(\.name).filter { !isBuffer($0) }))
    }
}
