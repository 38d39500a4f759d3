import Kernels
import ModelFiles

/// Why a model cannot be loaded or a batch cannot be computed. The description is one line.
public enum GPT2Error: Error, Equatable {
    /// Weights that are missing or do not fit the configuration.
    case weights(ModelFileError)
    /// Memory or processor do not suffice.
    case kernels(KernelsError)
    /// Layers that the model does not have.
    case layers(Range<Int>, layerCount: Int)
    /// A KV cache of so many blocks cannot be.
    case blockCount(Int)
    /// A batch that does not fit the stage; nothing was computed or written.
    case batch(reason: String)
    /// An activation became infinite or NaN in this layer, or in the embedding or the head where that is nil.
    case nonFinite(layer: Int?)
}

extension GPT2Error {
    /// Whether less would have sufficed.
    public var isOutOfMemory: Bool {
        switch self {
        case .kernels(.outOfMemory), .weights(.kernels(.outOfMemory)): true
        default: false
        }
    }
}

extension GPT2Error: CustomStringConvertible {
    public var description: String {
        switch self {
        case .weights(let error): error.description
        case .kernels(let error): error.description
        case .layers(let range, let layerCount):
            "layers \(range.lowerBound)..<\(range.upperBound): the model has layers 0..<\(layerCount)"
        case .blockCount(let count): "a KV cache of \(count) blocks: from 1 to \(Int32.max) are possible"
        case .batch(let reason): "batch: \(reason)"
        case .nonFinite(let layer?): "layer \(layer): an activation is infinite or not a number"
        case .nonFinite(nil): "embedding or head: an activation is infinite or not a number"
        }
    }
}
