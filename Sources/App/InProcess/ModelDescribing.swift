import GPT2
import Kernels
import ModelFiles
import Planning

extension ModelDescription {
    /// A model's layers and their memory, in these types.
    package init(_ configuration: GPT2Configuration, _ types: ModelTypes) {
        let bytes = configuration.weightBytes(types.weights)
        self.init(
            layerCount: configuration.layerCount, context: configuration.contextLength,
            weights: WeightBytes(layer: bytes.perLayer, head: bytes.head, embedding: bytes.embedding),
            blockBytesPerLayer: configuration.cacheBytesPerBlock(types.cache),
            activationBytesPerRow: configuration.width * 4)
    }
}
