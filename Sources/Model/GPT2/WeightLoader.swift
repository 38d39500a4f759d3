import Kernels
import ModelFiles

/// Panels where they are mapped.
private struct MappedPanels: PackedStorage {
    let tensor: MappedTensor

    func withBytes(_ body: (RawSpan) -> Void) { tensor.withBytes { body($0) } }
}

/// Brings tensors of a checkpoint into the form in which they are multiplied, and reports how far it is. Those of a
/// packed model are used where they are mapped; others are packed in memory, with all threads.
final class WeightLoader {
    /// How weights are packed.
    let type: PackedType
    private let checkpoint: Checkpoint
    private let isPacked: Bool
    private let team: ThreadTeam
    private let totalBytes: Int
    private var doneBytes = 0
    private let progress: ((_ done: Int, _ total: Int) -> Void)?

    /// `names` are all the tensors that will be asked for; those that are missing are found when they are. nil as `type`
    /// is that of a packed model, or else f32. Throws ``GPT2Error/packedType(_:wanted:)`` where a packed model has another
    /// one, or ``GPT2Error/checkpoint(_:)``.
    init(
        _ checkpoint: Checkpoint, type: PackedType?, names: [String], team: ThreadTeam,
        progress: ((_ done: Int, _ total: Int) -> Void)?
    ) throws(GPT2Error) {
        let format: PackedFormat?
        do { format = try PackedFormat(checkpoint) } catch { throw .checkpoint(error) }
        if let format, let type, type != format.type {
            throw .packedType(format.type, wanted: type, directory: checkpoint.directory)
        }
        self.type = format?.type ?? type ?? .f32
        isPacked = format != nil
        (self.checkpoint, self.team, self.progress) = (checkpoint, team, progress)
        totalBytes = names.reduce(0) { $0 + (checkpoint.tensor($1)?.byteCount ?? 0) }
    }

    /// The weights of a product, packed.
    func packed(
        _ name: String, depth: Int, columns: Int, layout: WeightLayout = .inputMajor
    ) throws(GPT2Error) -> PackedMatrix {
        guard isPacked else {
            let shape = layout == .inputMajor ? [depth, columns] : [columns, depth]
            let mapped = checkpoint.tensor(name).map { checkpoint.mapped($0) }
            return try load(name, shape) { (bytes, stored) throws(KernelsError) in
                try PackedMatrix(
                    bytes, type: stored, layout: layout, depth: depth, columns: columns, as: type, team: team,
                    // What was read is needed no more; without this it would count as this process's memory.
                    read: { mapped?.release($0) })
            }
        }
        let tensor = try checkpoint.panels(name, type, depth: depth, columns: columns)
        let mapped = checkpoint.mapped(tensor)
        mapped.populate()
        let matrix: PackedMatrix
        do {
            matrix = try PackedMatrix(MappedPanels(tensor: mapped), type: type, depth: depth, columns: columns)
        } catch {
            throw .kernels(error)
        }
        count(tensor)
        return matrix
    }

    /// A vector of weights, as a matrix of one row.
    func vector(_ name: String, _ count: Int) throws(GPT2Error) -> Matrix { try floats(name, [count]) }

    /// A vector or a table of weights as it is stored, as a matrix with its last dimension as columns.
    func floats(_ name: String, _ shape: [Int]) throws(GPT2Error) -> Matrix {
        let columns = shape.last ?? 1
        return try load(name, shape) { (bytes, type) throws(KernelsError) in
            try Matrix(bytes, type: type, rows: shape.reduce(1, *) / columns, columns: columns)
        }
    }

    /// The token embedding, [vocabulary size, width], and how to look tokens up in it; `head` is the output head where
    /// that is the same weights and in this stage.
    func tokenTable(
        _ configuration: GPT2Configuration, head: PackedMatrix?
    ) throws(GPT2Error) -> TokenTable {
        let (depth, columns) = (configuration.width, configuration.vocabularySize)
        if let head { return .packed(head) }
        guard isPacked else {
            let (info, stored) = try checkpoint.weights("wte.weight", [columns, depth])
            let table = checkpoint.mapped(info)
            table.expectScatteredReads()
            return type == .f32 ? .stored(table, stored) : .rounded(table, stored, as: type, team)
        }
        let tensor = try checkpoint.panels("wte.weight", type, depth: depth, columns: columns)
        do {
            // Few of its pages are ever used here.
            let mapped = checkpoint.mapped(tensor)
            mapped.expectScatteredReads()
            let panels = MappedPanels(tensor: mapped)
            return .packed(try PackedMatrix(panels, type: type, depth: depth, columns: columns))
        } catch {
            throw .kernels(error)
        }
    }

    /// Ends the loading: what was copied is needed no more.
    func finish() {
        if !isPacked { checkpoint.releasePages() }
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
        count(tensor)
        return result
    }

    private func count(_ tensor: TensorInfo) {
        doneBytes += tensor.byteCount
        progress?(doneBytes, totalBytes)
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

    /// A tensor of panels for weights of that shape. Throws ``GPT2Error/checkpoint(_:)``.
    func panels(_ name: String, _ type: PackedType, depth: Int, columns: Int) throws(GPT2Error) -> TensorInfo {
        do {
            let size = PackedMatrix.byteCount(type, depth: depth, columns: columns) ?? 0
            return try tensor(name, shape: [size], types: [.u8])
        } catch {
            throw .checkpoint(error)
        }
    }
}
