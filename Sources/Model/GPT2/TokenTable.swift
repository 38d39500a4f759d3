import Kernels
import ModelFiles

/// The token embedding, from which rows are looked up one by one, so that only those of tokens that occur are ever read.
///
/// Where weights are packed in a narrow type it is rounded as the output head is, to which it is tied: every stage, of a
/// packed model or not, then computes with the same numbers.
enum TokenTable {
    /// As it is in the file.
    case stored(TensorBytes, WeightType)
    /// As it is in the file; rows are rounded to a type one at a time.
    case rounded(TensorBytes, WeightType, as: PackedType, Backend)
    /// Panels, each token a column.
    case packed(PackedMatrix)

    /// The token embedding, [vocabulary size, width]; `head` is the output head where that is the same weights and in this
    /// stage.
    init(
        _ loader: WeightLoader, _ configuration: GPT2Configuration, head: PackedMatrix?, backend: Backend
    ) throws(ModelFileError) {
        if let head {
            self = .packed(head)
            return
        }
        let table = try loader.table(
            .tokenEmbedding, rows: configuration.vocabularySize, columns: configuration.width)
        switch table {
        case .panels(let panels): self = .packed(panels)
        case .stored(let table, let stored):
            self = loader.type == .f32 ? .stored(table, stored) : .rounded(table, stored, as: loader.type, backend)
        }
    }

    /// Sets row `row` of `matrix` [any number, width] to the embedding of `token`.
    func lookUp(_ token: Int, row: Int, of matrix: Matrix) throws(KernelsError) {
        switch self {
        case .stored(let table, let type):
            table.withBytes { matrix.lookUp(token, in: $0, type: type, row: row, adding: false) }
        case .packed(let panels):
            matrix.lookUp(token, in: panels, row: row, adding: false)
        case .rounded(let table, let stored, let type, let backend):
            let width = matrix.columns
            let size = width * stored.byteCount
            let column = try table.withBytes { (bytes) throws(KernelsError) in
                try PackedMatrix(
                    bytes.extracting(token * size..<(token + 1) * size), type: stored, layout: .outputMajor,
                    depth: width, columns: 1, as: type, backend: backend)
            }
            matrix.lookUp(0, in: column, row: row, adding: false)
        }
    }
}
