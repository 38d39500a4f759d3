import Kernels

/// Brings the tensors of a model into the form in which they are multiplied, and reports how far it is. Those of a packed
/// model are used where they are mapped; others are packed in memory, with all threads.
public final class WeightLoader {
    /// How weights are packed.
    public let type: PackedType
    public let weights: ModelWeights
    private let isPacked: Bool
    private let checksWeights: Bool
    private let backend: Backend
    private let totalBytes: Int
    private var doneBytes = 0
    private let progress: ((_ done: Int, _ total: Int) -> Void)?

    /// - Parameters:
    ///   - type: nil for that of a packed model, or else f32.
    ///   - groups: all that will be asked for; tensors that are missing are found when they are.
    ///   - checksWeights: whether weights that are infinite or not a number are refused; those beyond a type always are.
    ///   - progress: is called with bytes.
    /// - Throws: ``ModelFileError/packedType(_:wanted:directory:)`` where a packed model has another type. What loads throws
    ///   ``ModelFileError/unusableWeight(file:tensor:reason:)`` for a weight beyond f16.
    public init(
        _ weights: ModelWeights, type: PackedType?, groups: [TensorGroup], backend: Backend,
        checksWeights: Bool = false,
        progress: ((_ done: Int, _ total: Int) -> Void)?
    ) throws(ModelFileError) {
        let format = try PackedFormat(weights)
        if let format, let type, type != format.type {
            throw .packedType(format.type, wanted: type, directory: weights.directory)
        }
        self.type = format?.type ?? type ?? .f32
        isPacked = format != nil
        self.checksWeights = checksWeights
        (self.weights, self.backend, self.progress) = (weights, backend, progress)
        totalBytes = groups.flatMap { $0.roles(tied: weights.isHeadTied) }
            .reduce(0) { $0 + (weights.tensor($1)?.byteCount ?? 0) }
    }

    /// The weights of a product, packed.
    public func packed(
        _ role: TensorRole, depth: Int, columns: Int, layout: WeightLayout = .inputMajor
    ) throws(ModelFileError) -> PackedMatrix {
        guard isPacked else {
            let shape = layout == .inputMajor ? [depth, columns] : [columns, depth]
            return try load(role, shape, as: type) { (bytes, stored, isTransposed) throws(KernelsError) in
                try bytes.withBytes { (span) throws(KernelsError) in
                    try PackedMatrix(
                        span, type: stored, layout: isTransposed ? layout.transposed : layout, depth: depth,
                        columns: columns, as: type, backend: backend,
                        // What was read is needed no more; without this it would count as this process's memory.
                        read: { bytes.release($0) })
                }
            }
        }
        let tensor = try weights.panels(role, type, depth: depth, columns: columns)
        let mapped = TensorBytes(tensor.file, tensor.range)
        mapped.populate()
        let matrix = try Self.matrix(of: mapped, type, depth: depth, columns: columns)
        count(tensor.info)
        return matrix
    }

    /// A vector of weights, as a matrix of one row.
    public func vector(_ role: TensorRole, _ count: Int) throws(ModelFileError) -> Matrix {
        try floats(role, [count])
    }

    /// A vector or a table of weights as it is stored, as a matrix with its last dimension as columns.
    public func floats(_ role: TensorRole, _ shape: [Int]) throws(ModelFileError) -> Matrix {
        let columns = shape.last ?? 1
        let rows = shape.reduce(1, *) / columns
        guard !weights.isAbsentBias(role) else { return Matrix(rows: rows, columns: columns) }
        return try load(role, shape, as: .f32) { (bytes, type, _) throws(KernelsError) in
            try bytes.withBytes { (span) throws(KernelsError) in
                try Matrix(span, type: type, rows: rows, columns: columns)
            }
        }
    }

    /// A table [rows, columns] of which few rows will be read, here and there: mapped as it is stored, or as panels with a
    /// column for each row where the model is packed.
    public enum Table {
        case stored(TensorBytes, WeightType)
        case panels(PackedMatrix)
    }

    public func table(_ role: TensorRole, rows: Int, columns: Int) throws(ModelFileError) -> Table {
        guard isPacked else {
            let (table, type) = try storedTable(role, rows: rows, columns: columns)
            return .stored(table, type)
        }
        let tensor = try weights.panels(role, type, depth: columns, columns: rows)
        let mapped = TensorBytes(tensor.file, tensor.range)
        mapped.expectScatteredReads()
        return .panels(try Self.matrix(of: mapped, type, depth: columns, columns: rows))
    }

    /// A table that is never panels, of which few rows will be read.
    public func storedTable(
        _ role: TensorRole, rows: Int, columns: Int
    ) throws(ModelFileError) -> (TensorBytes, WeightType) {
        let (table, stored) = try weights.entry(role, shape: [rows, columns]).stored.weights()
        table.expectScatteredReads()
        return (table, stored)
    }

    /// Ends the loading: what was copied is needed no more.
    public func finish() {
        if !isPacked { weights.releasePages() }
    }

    private func load<Result>(
        _ role: TensorRole, _ shape: [Int], as packedType: PackedType,
        _ body: (TensorBytes, WeightType, _ isTransposed: Bool) throws(KernelsError) -> Result
    ) throws(ModelFileError) -> Result {
        let entry = try weights.entry(role, shape: shape)
        let (bytes, type) = try entry.stored.weights()
        if checksWeights || (packedType == .f16 && type != .f16),
            let reason = bytes.withBytes({ WeightMagnitude.problem(of: $0, stored: type, as: packedType) })
        {
            throw .unusableWeight(file: entry.stored.info.file, tensor: entry.stored.info.name, reason: reason)
        }
        let result: Result
        do {
            result = try body(bytes, type, entry.isTransposed)
        } catch {
            throw .kernels(error)
        }
        count(entry.stored.info)
        return result
    }

    private static func matrix(
        of mapped: TensorBytes, _ type: PackedType, depth: Int, columns: Int
    ) throws(ModelFileError) -> PackedMatrix {
        do {
            return try PackedMatrix(MappedPanels(tensor: mapped), type: type, depth: depth, columns: columns)
        } catch {
            throw .kernels(error)
        }
    }

    private func count(_ tensor: TensorInfo) {
        doneBytes += tensor.byteCount
        progress?(doneBytes, totalBytes)
    }
}

/// Panels where they are mapped.
private struct MappedPanels: PackedStorage {
    let tensor: TensorBytes

    func withBytes(_ body: (RawSpan) -> Void) { tensor.withBytes { body($0) } }
}

extension WeightLayout {
    /// The layout of the same matrix with its dimensions exchanged.
    fileprivate var transposed: WeightLayout { self == .inputMajor ? .outputMajor : .inputMajor }
}

extension ModelWeights {
    /// A tensor of panels for weights of that shape.
    func panels(
        _ role: TensorRole, _ type: PackedType, depth: Int, columns: Int
    ) throws(ModelFileError) -> StoredTensor {
        let size = PackedMatrix.byteCount(type, depth: depth, columns: columns) ?? 0
        return try entry(role, shape: [size], types: [.u8]).stored
    }
}
