import Foundation

extension GPT2Configuration {
    /// What config.json says of a model with this shape whose weights have that type, in Hugging Face's format.
    func fileText(type: SyntheticModel.StoredType) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(ConfigurationFields(self, type: type)), as: UTF8.self) + "\n"
    }
}

/// The fields of config.json; their names are in snake case there.
private struct ConfigurationFields: Encodable {
    let architectures = ["GPT2LMHeadModel"]
    let modelType = "gpt2"
    let nLayer, nEmbd, nHead, nPositions, nCtx, nInner, vocabSize: Int
    let layerNormEpsilon: Float
    let activationFunction: String
    let bosTokenId, eosTokenId: Int32?
    let tieWordEmbeddings = true
    let torchDtype: String

    init(_ configuration: GPT2Configuration, type: SyntheticModel.StoredType) {
        (nLayer, nEmbd, nHead) = (configuration.layerCount, configuration.width, configuration.headCount)
        (nPositions, nCtx) = (configuration.contextLength, configuration.contextLength)
        (nInner, vocabSize) = (configuration.innerWidth, configuration.vocabularySize)
        layerNormEpsilon = configuration.layerNormEpsilon
        activationFunction = configuration.activation.name
        (bosTokenId, eosTokenId) = (configuration.endOfText, configuration.endOfText)
        torchDtype =
            switch type {
            case .f32: "float32"
            case .f16: "float16"
            case .bf16: "bfloat16"
            }
    }
}
