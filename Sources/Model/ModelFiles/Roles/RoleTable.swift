/// Which tensor of the files has which role.
struct RoleTable: Sendable {
    /// A tensor, and whether its two dimensions are exchanged: [outputs, inputs] for what should be [inputs, outputs].
    struct Entry: Sendable {
        let stored: StoredTensor
        let isTransposed: Bool
    }

    let entries: [TensorRole: Entry]
    /// Whether the output head is the token embedding.
    let isHeadTied: Bool
    /// Kinds of bias that no layer has, hence zero.
    let absentBiases: Set<LayerTensor>
    /// The number of layers that the names tell of.
    let layerCount: Int

    /// Finds the role of each tensor in `directory`. A head that is missing is the token embedding where `tiesHead` says
    /// so, and the other way round. Throws ``ModelFileError/unknownTensor(tensor:file:)``,
    /// ``ModelFileError/unknownPrefix(_:tensor:file:)``,
    /// ``ModelFileError/duplicateTensor(tensor:file:other:)`` for two tensors of one role, or
    /// ``ModelFileError/untiedHead(directory:)``.
    init(
        _ tensors: [StoredTensor], names: NameMap, tiesHead: Bool, directory: String
    ) throws(ModelFileError) {
        var entries: [TensorRole: Entry] = [:]
        var unknown: TensorInfo?
        for tensor in tensors {
            switch names.meaning(of: tensor.info.name) {
            case .unneeded: continue
            case .unknown: unknown = unknown ?? tensor.info
            case .role(let role):
                let entry =
                    role.isProjection
                    ? Entry(projection: tensor, isTransposed: names.hasTransposedProjections)
                    : Entry(stored: tensor, isTransposed: false)
                if let other = entries.updateValue(entry, forKey: role), !other.stored.isSame(as: tensor) {
                    throw .duplicateTensor(
                        tensor: tensor.info.name, file: tensor.info.file, other: other.stored.info.name)
                }
            }
        }
        if let unknown {
            guard let prefix = names.unknownPrefix(of: unknown.name) else {
                throw .unknownTensor(tensor: unknown.name, file: unknown.file)
            }
            throw .unknownPrefix(prefix, tensor: unknown.name, file: unknown.file)
        }
        let (embedding, head) = (entries[.tokenEmbedding], entries[.outputHead])
        switch (embedding, head) {
        case (nil, let head?) where tiesHead: entries[.tokenEmbedding] = head
        case (_?, nil) where !tiesHead: throw .untiedHead(directory: directory)
        default: break
        }
        isHeadTied =
            if let head { embedding.map { $0.stored.isSame(as: head.stored) } ?? tiesHead } else { true }
        let layered = entries.keys.compactMap {
            if case .layer(let layer, let tensor) = $0 { (layer, tensor) } else { nil }
        }
        layerCount = (layered.map(\.0).max() ?? -1) + 1
        absentBiases = LayerTensor.biases.subtracting(layered.map(\.1))
        self.entries = entries
    }
}

extension RoleTable.Entry {
    /// A matrix whose columns lie one after another is taken for its transpose, whose rows do.
    fileprivate init(projection tensor: StoredTensor, isTransposed: Bool) {
        guard let strides = tensor.strides, tensor.info.shape.count == 2, strides == [1, tensor.info.shape[0]],
            tensor.range.count == tensor.info.byteCount,
            let info = try? TensorInfo(
                name: tensor.info.name, type: tensor.info.type, shape: tensor.info.shape.reversed(),
                file: tensor.info.file)
        else {
            self.init(stored: tensor, isTransposed: isTransposed)
            return
        }
        let rows = StoredTensor(info: info, file: tensor.file, range: tensor.range, strides: nil)
        self.init(stored: rows, isTransposed: !isTransposed)
    }
}

extension TensorRole {
    /// Whether its weights are a projection's, [inputs, outputs].
    var isProjection: Bool {
        guard case .layer(_, let tensor) = self else { return false }
        switch tensor {
        case .qkvWeight, .outputProjectionWeight, .mlpUpWeight, .mlpDownWeight: return true
        default: return false
        }
    }
}

extension LayerTensor {
    /// What is added: the biases of projections and the shifts of layer norms.
    static let biases: Set<LayerTensor> = [
        .attentionNormBias, .qkvBias, .outputProjectionBias, .mlpNormBias, .mlpUpBias, .mlpDownBias,
    ]
}
