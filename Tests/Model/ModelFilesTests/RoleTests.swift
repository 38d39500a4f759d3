import ModelFiles
import Testing

@Suite("Tensors by role, whatever they are called")
struct RoleTests {
    private typealias Tensor = (name: String, type: ElementType, shape: [Int], bytes: [UInt8])

    /// The tensors of a model of one layer, two wide, with three tokens and four positions: numbers 1, 2, 3 and so on
    /// throughout, in f32.
    private static let tensors: [Tensor] = {
        let configuration = GPT2Configuration(
            layerCount: 1, width: 2, headCount: 1, contextLength: 4, vocabularySize: 3)
        var next: Float = 0
        return configuration.tensors(tied: false).map { tensor in
            let values = (0..<tensor.elementCount).map { _ in
                next += 1
                return next
            }
            return (names[tensor.role] ?? "", .f32, tensor.shape, values.flatMap { littleEndian($0.bitPattern) })
        }
    }()

    private static let names: [TensorRole: String] = [
        .tokenEmbedding: "wte.weight", .positionEmbedding: "wpe.weight", .finalNormWeight: "ln_f.weight",
        .finalNormBias: "ln_f.bias", .outputHead: "lm_head.weight",
        .layer(0, .attentionNormWeight): "h.0.ln_1.weight", .layer(0, .attentionNormBias): "h.0.ln_1.bias",
        .layer(0, .qkvWeight): "h.0.attn.c_attn.weight", .layer(0, .qkvBias): "h.0.attn.c_attn.bias",
        .layer(0, .outputProjectionWeight): "h.0.attn.c_proj.weight",
        .layer(0, .outputProjectionBias): "h.0.attn.c_proj.bias",
        .layer(0, .mlpNormWeight): "h.0.ln_2.weight", .layer(0, .mlpNormBias): "h.0.ln_2.bias",
        .layer(0, .mlpUpWeight): "h.0.mlp.c_fc.weight", .layer(0, .mlpUpBias): "h.0.mlp.c_fc.bias",
        .layer(0, .mlpDownWeight): "h.0.mlp.c_proj.weight", .layer(0, .mlpDownBias): "h.0.mlp.c_proj.bias",
    ]

    private static let tied = tensors.filter { $0.name != "lm_head.weight" }

    private static let configuration =
        #"{"n_layer": 1, "n_embd": 2, "n_head": 1, "n_positions": 4, "vocab_size": 3"#

    /// Opens a model of these tensors and gives what `body` makes of it.
    private func model<Result>(
        _ tensors: [Tensor], settings: String = "", _ body: (LocalModel) throws -> Result
    ) throws -> Result {
        let directory = try TemporaryDirectory()
        try write(tensors, to: directory.file("model.safetensors"))
        try directory.write(Self.configuration + settings + "}", to: "config.json")
        let model = try LocalModel(directory: directory.path)
        try model.checkTensors()
        return try body(model)
    }

    private func identity(_ tensors: [Tensor], settings: String = "") throws -> Digest {
        try model(tensors, settings: settings) { try $0.identity { _, _ in }.digest }
    }

    private func fault(_ tensors: [Tensor], settings: String = "") -> String {
        let error = #expect(throws: ModelFileError.self) { try model(tensors, settings: settings) { _ in } }
        return error?.description ?? ""
    }

    @Test(
        "a chain of prefixes before all names changes nothing",
        arguments: ["transformer.", "model.", "module.", "_orig_mod.", "_orig_mod.module.transformer."])
    func prefixes(_ prefix: String) throws {
        let renamed = Self.tied.map {
            ($0.name.hasPrefix("lm_head") ? $0.name : prefix + $0.name, $0.type, $0.shape, $0.bytes)
        }
        #expect(try identity(renamed) == identity(Self.tied))
    }

    @Test("an unknown prefix is named")
    func unknownPrefix() {
        let renamed = Self.tied.map { ("student.net." + $0.name, $0.type, $0.shape, $0.bytes) }
        #expect(fault(renamed).contains("behind \"student.net.\", which is no prefix"))
    }

    @Test("a tied head may be there, missing, or the only copy of the embedding")
    func tied() throws {
        let embedding = try #require(Self.tied.first { $0.name == "wte.weight" })
        let head: Tensor = ("lm_head.weight", .f32, embedding.shape, embedding.bytes)
        let expected = try identity(Self.tied)
        #expect(try identity(Self.tied + [head]) == expected)
        #expect(try identity(Self.tied.filter { $0.name != "wte.weight" } + [head]) == expected)
        #expect(try identity(Self.tensors) != expected)
        try model(Self.tied) { #expect($0.weights.isHeadTied) }
        try model(Self.tensors) { #expect(!$0.weights.isHeadTied) }
    }

    @Test("a head that is not the embedding has to be there")
    func untied() throws {
        let settings = #", "tie_word_embeddings": false"#
        #expect(try identity(Self.tensors, settings: settings) == identity(Self.tensors))
        #expect(fault(Self.tied, settings: settings).contains("tie_word_embeddings false, and there is no tensor"))
    }

    @Test("biases of a kind that is missing everywhere are zero")
    func absentBiases() throws {
        let zeros = Self.tied.map { tensor -> Tensor in
            guard tensor.name.hasSuffix(".bias") else { return tensor }
            return (tensor.name, tensor.type, tensor.shape, tensor.bytes.map { _ in 0 })
        }
        let without = Self.tied.filter { !$0.name.hasSuffix(".bias") }
        #expect(try identity(without) == identity(zeros))
        #expect(try identity(without) != identity(Self.tied))
    }

    @Test("F64 is rounded to f32, f16 and bf16 widened: the same values are the same model")
    func types() throws {
        let values = Self.tied.map { tensor in
            stride(from: 0, to: tensor.bytes.count, by: 4).map { start in
                Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(tensor.bytes[start + $1]) << UInt32(8 * $1) })
            }
        }
        func stored(_ type: ElementType, _ bytes: (Float) -> [UInt8]) -> [Tensor] {
            zip(Self.tied, values).map { ($0.name, type, $0.shape, $1.flatMap(bytes)) }
        }
        let expected = try identity(Self.tied)
        #expect(try identity(stored(.f64) { littleEndian(Double($0).bitPattern) }) == expected)
        #expect(try identity(stored(.f16) { littleEndian(Float16($0).bitPattern) }) == expected)
        #expect(try identity(stored(.bf16) { littleEndian(UInt16($0.bitPattern >> 16)) }) == expected)
    }

    @Test(
        "tensors that have no part in the computation are ignored",
        arguments: [
            "h.0.attn.bias", "transformer.h.0.attn.masked_bias", "score.weight", "v_head.summary.weight",
            "multiple_choice_head.summary.bias",
        ])
    func unneeded(_ name: String) throws {
        #expect(try identity(Self.tied + [(name, .u8, [1], [0])]) == identity(Self.tied))
    }

    @Test(
        "any other unknown tensor is refused by its name",
        arguments: [
            "lm_head.bias", "h.0.attn.c_attn.lora_A.weight", "h.1.ln_1.weight", "h.00.ln_1.weight", "h.0.ln_3.weight",
            "wte.weight2", "h.0.attn.rotary.inv_freq", "x",
        ])
    func unknown(_ name: String) {
        #expect(fault(Self.tied + [(name, .f32, [1], [0, 0, 0, 0])]).contains("none of a GPT-2's"))
    }

    @Test("two tensors of one role are refused")
    func duplicates() {
        let copy: Tensor = ("transformer.ln_f.bias", .f32, [2], [UInt8](repeating: 0, count: 8))
        #expect(fault(Self.tied + [copy]).contains("also in"))
    }

    @Test("a tensor that is missing, of another shape or of another type is refused")
    func expectations() {
        #expect(fault(Self.tied.filter { $0.name != "h.0.ln_1.weight" }).contains("no tensor \"h.0.ln_1.weight\""))
        #expect(fault(Self.tied, settings: #", "n_inner": 3"#).contains("has shape [2, 8], expected [2, 3]"))
        let wrong = Self.tied.map { $0.name == "ln_f.bias" ? ($0.name, .i32, $0.shape, $0.bytes) : $0 }
        #expect(fault(wrong).hasSuffix("tensor \"ln_f.bias\" has dtype I32, expected BF16, F16, F32, F64"))
    }
}
