/// What a file format calls the tensors of a GPT-2, and how it lays them out.
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
    /// What wrappers put before all names, in any order and number.
    let prefixes: [String]
    /// Tensors without a part in the computation, by the beginning of their name.
    let unneeded: [String]
    /// The same behind a layer's number: the whole rest of the name.
    let unneededInLayer: [String]
    /// Whether projections are stored as [outputs, inputs].
    var hasTransposedProjections = false

    /// What a name in a file stands for.
    enum Meaning: Equatable {
        case role(TensorRole)
        /// Known, and without a part in the computation.
        case unneeded
        /// May have a part in the computation, and nobody knows which.
        case unknown
    }

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

    /// What a name stands for, whatever prefixes it has.
    func meaning(of name: String) -> Meaning {
        var name = Substring(name)
        while let prefix = prefixes.first(where: name.hasPrefix) { name = name.dropFirst(prefix.count) }
        if let role = roleOutsideLayers(name) { return .role(role) }
        if unneeded.contains(where: name.hasPrefix) { return .unneeded }
        guard name.hasPrefix(layerPrefix) else { return .unknown }
        let parts = name.dropFirst(layerPrefix.count).split(separator: ".", maxSplits: 1)
        guard parts.count == 2, let layer = Int(parts[0]), layer >= 0, "\(layer)" == parts[0] else { return .unknown }
        if let tensor = layerTensors.first(where: { $0.value == parts[1] })?.key { return .role(.layer(layer, tensor)) }
        return unneededInLayer.contains { $0 == parts[1] } ? .unneeded : .unknown
    }

    /// What stands before the name of a role in a name that is unknown as a whole; nil where there is none in it.
    func unknownPrefix(of name: String) -> String? {
        var rest = Substring(name)
        while let dot = rest.firstIndex(of: ".") {
            rest = rest[rest.index(after: dot)...]
            if case .role = meaning(of: String(rest)) { return String(name[..<rest.startIndex]) }
        }
        return nil
    }

    private func roleOutsideLayers(_ name: Substring) -> TensorRole? {
        let roles: [TensorRole] = [.tokenEmbedding, .positionEmbedding, .finalNormWeight, .finalNormBias, .outputHead]
        return roles.first { self.name(of: $0) == name }
    }
}
