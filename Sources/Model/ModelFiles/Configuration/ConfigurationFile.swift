import Foundation

extension GPT2Configuration {
    /// Reads `config.json` in `directory`, in Hugging Face's format. Throws
    /// ``ModelFileError/configuration(file:field:reason:)`` naming file and field, also for settings that are not computed.
    public init(directory: String) throws(ModelFileError) {
        let file = ConfigurationFile(directory: directory)
        let fields = try file.read()
        try file.refuseUnsupported(fields)
        layerCount = try file.size("n_layer", fields.n_layer, limit: Limits.layerCount)
        width = try file.size("n_embd", fields.n_embd, limit: Limits.width)
        headCount = try file.size("n_head", fields.n_head, limit: Limits.headCount)
        guard width % headCount == 0 else {
            throw file.error("n_head", "\(headCount) heads do not divide the width n_embd = \(width)")
        }
        let positionsField = fields.n_positions == nil && fields.n_ctx != nil ? "n_ctx" : "n_positions"
        contextLength = try file.size(positionsField, fields.n_positions ?? fields.n_ctx, limit: Limits.contextLength)
        vocabularySize = try file.size("vocab_size", fields.vocab_size, limit: 1 << 24)
        innerWidth = try file.size("n_inner", fields.n_inner ?? Double(4 * width), limit: 1 << 20)
        layerNormEpsilon = try file.epsilon(fields.layer_norm_epsilon ?? 1e-5)
        activation = try file.activation(fields.activation_function ?? "gelu_new")
        endOfText = fields.eos_token_id?.id.flatMap { [vocabularySize] id in
            id >= 0 && id < vocabularySize ? Int32(id) : nil
        }
    }
}

/// Reading of `config.json`, so that every fault names the file and the field.
struct ConfigurationFile {
    let path: String
    private static let byteLimit = 1 << 20

    init(directory: String) { path = ModelDirectory(directory).configuration }

    /// The fields that matter here, under the names they have in the file.
    struct Fields: Decodable {
        // swift-format-ignore: AlwaysUseLowerCamelCase
        var n_layer, n_embd, n_head, n_positions, n_ctx, vocab_size, n_inner, layer_norm_epsilon: Double?
        // swift-format-ignore: AlwaysUseLowerCamelCase
        var activation_function, model_type: String?
        // swift-format-ignore: AlwaysUseLowerCamelCase
        var eos_token_id: TokenIdentifier?
        // swift-format-ignore: AlwaysUseLowerCamelCase
        var scale_attn_weights, scale_attn_by_inverse_layer_idx, add_cross_attention: Bool?
    }

    /// A token id; anything else, such as a list of several, counts as none.
    struct TokenIdentifier: Decodable {
        let id: Int?

        init(from decoder: any Decoder) throws {
            id = try? decoder.singleValueContainer().decode(Int.self)
        }
    }

    func read() throws(ModelFileError) -> Fields {
        let data: Data
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            data = try file.read(upToCount: Self.byteLimit + 1) ?? Data()
        } catch {
            throw self.error(nil, "cannot be read: no such file, or no permission")
        }
        guard data.count <= Self.byteLimit else { throw error(nil, "longer than \(Self.byteLimit) bytes") }
        do {
            return try JSONDecoder().decode(Fields.self, from: data)
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
            throw error(context.codingPath.first?.stringValue, "a value of the wrong type")
        } catch {
            throw self.error(nil, "not valid JSON")
        }
    }

    /// Settings that would change the numbers and are not computed here.
    func refuseUnsupported(_ fields: Fields) throws(ModelFileError) {
        if let type = fields.model_type, type != "gpt2" {
            throw error("model_type", "\(short(type)) is not supported, only gpt2 is")
        }
        if fields.scale_attn_weights == false { throw error("scale_attn_weights", "false is not supported") }
        if fields.scale_attn_by_inverse_layer_idx == true {
            throw error("scale_attn_by_inverse_layer_idx", "true is not supported")
        }
        if fields.add_cross_attention == true { throw error("add_cross_attention", "true is not supported") }
    }

    func size(_ field: String, _ value: Double?, limit: Int) throws(ModelFileError) -> Int {
        guard let value else { throw error(field, "is missing") }
        guard let size = Int(exactly: value), size >= 1, size <= limit else {
            throw error(
                field, "\(Int(exactly: value)?.description ?? "\(value)") is no whole number from 1 to \(limit)")
        }
        return size
    }

    func epsilon(_ value: Double) throws(ModelFileError) -> Float {
        guard value >= 0, value <= 1 else { throw error("layer_norm_epsilon", "\(value) is not within 0 to 1") }
        return Float(value)
    }

    func activation(_ name: String) throws(ModelFileError) -> ActivationFunction {
        switch name {
        case ActivationFunction.geluNew.name: return .geluNew
        case ActivationFunction.gelu.name: return .gelu
        default: throw error("activation_function", "\(short(name)) is not supported, only gelu_new and gelu are")
        }
    }

    func error(_ field: String?, _ reason: String) -> ModelFileError {
        .configuration(file: path, field: field, reason: reason)
    }

    /// Text of the file for an error's line.
    private func short(_ text: String) -> String { String(reflecting: String(text.prefix(60))) }
}
