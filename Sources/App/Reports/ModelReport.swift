import GPT2
import ModelFiles

/// What `paceline model inspect` says of a model; as JSON with names in snake case.
package struct ModelReport: Encodable {
    struct Configuration: Encodable {
        let layerCount: Int
        let width: Int
        let headCount: Int
        let context: Int
        let vocabularySize: Int
        let innerWidth: Int
        let layerNormEpsilon: Float
        let activation: String
        let scalesAttention: Bool
        let scalesAttentionByLayer: Bool
    }

    struct Tensor: Encodable {
        let name: String
        let type: String
        let shape: [Int]
        let bytes: Int
        let file: String
    }

    struct Group: Encodable {
        let name: String
        let sha256: String
    }

    let directory: String
    let configuration: Configuration
    let tensors: [Tensor]
    /// Number of the model's weights, without what else the files hold.
    let parameters: Int
    /// Size of all tensors.
    let bytes: Int
    let configurationSha256: String
    let groups: [Group]
    /// How the weights are packed; nil where they are not.
    let packedType: String?
    /// Of the whole model.
    let sha256: String

    /// Reads the weights where their digests are not known yet. Throws `ModelFileError`, also for a tensor that is
    /// missing or of a shape that the configuration does not ask for.
    package init(_ model: LocalModel, progress: (_ done: Int, _ total: Int) -> Void) throws {
        let wanted = try model.checkTensors()
        let identity = try model.identity(progress: progress)
        directory = model.directory
        configuration = Configuration(model.configuration)
        // In the order of the computation, and last what it does not use.
        let used = wanted.compactMap { model.weights.tensor($0.role) }
        let names = Set(used.map(\.name))
        tensors = (used + model.weights.tensors.filter { !names.contains($0.name) }).map(Tensor.init)
        parameters = wanted.reduce(0) { $0 + $1.elementCount }
        bytes = tensors.reduce(0) { $0 + $1.bytes }
        configurationSha256 = model.configurationDigest.description
        groups = identity.groups.map { Group(name: $0.group.description, sha256: $0.digest.description) }
        packedType = model.packedType?.rawValue
        sha256 = identity.digest.description
    }
}

extension ModelReport.Configuration {
    fileprivate init(_ configuration: GPT2Configuration) {
        (layerCount, width, headCount) = (configuration.layerCount, configuration.width, configuration.headCount)
        (context, vocabularySize) = (configuration.contextLength, configuration.vocabularySize)
        (innerWidth, layerNormEpsilon) = (configuration.innerWidth, configuration.layerNormEpsilon)
        activation = configuration.activation.name
        (scalesAttention, scalesAttentionByLayer) = (
            configuration.scalesAttention, configuration.scalesAttentionByLayer
        )
    }
}

extension ModelReport.Tensor {
    fileprivate init(_ tensor: TensorInfo) {
        (name, type, shape, bytes) = (tensor.name, tensor.type.rawValue, tensor.shape, tensor.byteCount)
        file = tensor.file.split(separator: "/").last.map(String.init) ?? tensor.file
    }
}
