import Kernels
import ModelFiles

/// Why a model cannot be loaded or a batch cannot be computed. The description is one line.
public enum GPT2Error: Error, Equatable {
    /// A configuration that is missing, unreadable or asks for what is not computed; `field` is nil for the file as a
    /// whole.
    case configuration(file: String, field: String?, reason: String)
    /// Weights that are missing or do not fit the configuration.
    case checkpoint(CheckpointError)
    /// A packed model has its weights in one type, and another one was asked for.
    case packedType(PackedType, wanted: PackedType, directory: String)
    /// A model that is packed already and so cannot be packed in another type.
    case packed(directory: String)
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

extension GPT2Error: CustomStringConvertible {
    public var description: String {
        switch self {
        case .configuration(let file, let field?, let reason): "\(file): \(field): \(reason)"
        case .configuration(let file, nil, let reason): "\(file): \(reason)"
        case .checkpoint(let error): error.description
        case .packed(let directory): "\(directory): the model is packed already; pack the one that it was made of"
        case .packedType(let type, let wanted, let directory):
            "\(directory): the model is packed as \(type.rawValue), and \(wanted.rawValue) is asked for"
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
