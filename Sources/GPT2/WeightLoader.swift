import Checkpoint
import Kernels

/// Reads tensors of a checkpoint into memory, with all threads, and reports how far it is.
final class WeightLoader {
    private let checkpoint: Checkpoint
    private let team: ThreadTeam
    private let totalBytes: Int
    private var doneBytes = 0
    private let progress: ((_ done: Int, _ total: Int) -> Void)?

    /// `names` are all the tensors that will be asked for; those that are missing are found when they are.
    init(
        _ checkpoint: Checkpoint, names: [String], team: ThreadTeam, progress: ((_ done: Int, _ total: Int) -> Void)?
    ) {
        (self.checkpoint, self.team, self.progress) = (checkpoint, team, progress)
        totalBytes = names.reduce(0) { $0 + (checkpoint.tensor($1)?.byteCount ?? 0) }
    }

    /// The weights of a product, packed.
    func packed(
        _ name: String, depth: Int, columns: Int, layout: WeightLayout = .inputMajor
    ) throws(GPT2Error) -> PackedMatrix {
        let shape = layout == .inputMajor ? [depth, columns] : [columns, depth]
        return try load(name, shape) { (bytes, type) throws(KernelsError) in
            try PackedMatrix(bytes, type: type, layout: layout, depth: depth, columns: columns, team: team)
        }
    }

    /// A vector of weights, as a matrix of one row.
    func vector(_ name: String, _ count: Int) throws(GPT2Error) -> Matrix {
        try load(name, [count]) { (bytes, type) throws(KernelsError) in
            try Matrix(bytes, type: type, rows: 1, columns: count)
        }
    }

    private func load<Result>(
        _ name: String, _ shape: [Int], _ body: (RawSpan, WeightType) throws(KernelsError) -> Result
    ) throws(GPT2Error) -> Result {
        let (tensor, type) = try checkpoint.weights(name, shape)
        let result: Result
        do {
            result = try checkpoint.withBytes(of: tensor) { (bytes) throws(KernelsError) in try body(bytes, type) }
        } catch {
            throw .kernels(error)
        }
        doneBytes += tensor.byteCount
        progress?(doneBytes, totalBytes)
        return result
    }
}

extension Checkpoint {
    /// A tensor of weights with that shape. Throws ``GPT2Error/checkpoint(_:)``.
    func weights(_ name: String, _ shape: [Int]) throws(GPT2Error) -> (TensorInfo, WeightType) {
        let info: TensorInfo
        do {
            info = try tensor(name, shape: shape)
        } catch {
            throw .checkpoint(error)
        }
        switch info.type {
        case .f32: return (info, .f32)
        case .f16: return (info, .f16)
        case .bf16: return (info, .bf16)
        default:
            let expected = ElementType.weights
            throw .checkpoint(.wrongType(file: info.file, tensor: info.name, found: info.type, expected: expected))
        }
    }
}
