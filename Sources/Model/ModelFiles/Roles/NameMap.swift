/// What a file format calls the tensors of a GPT-2.
struct NameMap: Sendable {
    let tokenEmbedding: String
    let positionEmbedding: String
    let finalNormWeight: String
    let finalNormBias: String
    let outputHead: String
    /// What stands before a layer's number.
    let layerPrefix: String
    /// What stands behind it.
    let layerTensors: [LayerTensor: String]

    /// The tensor's name in the file, without a prefix that some writers put before all of them.
    func name(of role: TensorRole) -> String {
        switch role {
        case .tokenEmbedding: tokenEmbedding
        case .positionEmbedding: positionEmbedding
        case .finalNormWeight: finalNormWeight
        case .finalNormBias: finalNormBias
        case .outputHead: outputHead
        case .layer(let layer, let tensor):
            if let name = layerTensors[tensor] {
                "\(layerPrefix)\(layer).\(name)"
            } else {
                preconditionFailure("a name map without \(tensor)")
            }
        }
    }
}
