import Foundation

/// Reading of `config.json`, so that every fault names the file and the field.
struct ConfigurationFile {
    let path: String
    private static let byteLimit = 1 << 20

    init(directory: String) { path = directory.hasSuffix("/") ? directory + "config.json" : directory + "/config.json" }

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

    func read() throws(GPT2Error) -> Fields {
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
    func refuseUnsupported(_ fields: Fields) throws(GPT2Error) {
        if let type = fields.model_type, type != "gpt2" {
            throw error("model_type", "\(short(type)) is not supported, only gpt2 is")
        }
        if fields.scale_attn_weights == false { throw error("scale_attn_weights", "false is not supported") }
        if fields.scale_attn_by_inverse_layer_idx == true {
            throw error("scale_attn_by_inverse_layer_idx", "true is not supported")
        }
        if fields.add_cross_attention == true { throw error("add_cross_attention", "true is not supported") }
    }

    func size(_ field: String, _ value: Double?, limit: Int) throws(GPT2Error) -> Int {
        guard let value else { throw error(field, "is missing") }
        guard let size = Int(exactly: value), size >= 1, size <= limit else {
            throw error(
                field, "\(Int(exactly: value)?.description ?? "\(value)") is no whole number from 1 to \(limit)")
        }
        return size
    }

    func epsilon(_ value: Double) throws(GPT2Error) -> Float {
        guard value >= 0, value <= 1 else { throw error("layer_norm_epsilon", "\(value) is not within 0 to 1") }
        return Float(value)
    }

    func activation(_ name: String) throws(GPT2Error) -> ActivationFunction {
        switch name {
        case ActivationFunction.geluNew.name: return .geluNew
        case ActivationFunction.gelu.name: return .gelu
        default: throw error("activation_function", "\(short(name)) is not supported, only gelu_new and gelu are")
        }
    }

    func error(_ field: String?, _ reason: String) -> GPT2Error {
        .configuration(file: path, field: field, reason: reason)
    }

    /// Text of the file for an error's line.
    private func short(_ text: String) -> String { String(reflecting: String(text.prefix(60))) }
}
