import Kernels
import ModelFiles

/// Token and position embeddings. Positions are widened row by row directly from the mapped file.
struct Embedding {
    private let tokens: TokenTable
    private let positions: (table: TensorBytes, type: WeightType)
    private let width: Int

    init(_ loader: WeightLoader, tokens: TokenTable, _ configuration: GPT2Configuration) throws(ModelFileError) {
        self.tokens = tokens
        width = configuration.width
        positions = try loader.storedTable(.positionEmbedding, rows: configuration.contextLength, columns: width)
    }

    /// The embeddings of a checked batch, [rows, width]. Throws ``GPT2Error/kernels(_:)`` where there is no memory.
    func embed(_ slices: [SequenceSlice]) throws(GPT2Error) -> Matrix {
        let result = Matrix(rows: slices.reduce(0) { $0 + $1.tokens.count }, columns: width)
        var row = 0
        do {
            for token in slices.lazy.flatMap(\.tokens) {
                try tokens.lookUp(Int(token), row: row, of: result)
                row += 1
            }
        } catch {
            throw .kernels(error)
        }
        positions.table.withBytes { table in
            var row = 0
            for position in slices.lazy.flatMap({ $0.start..<$0.start + $0.tokens.count }) {
                result.lookUp(position, in: table, type: positions.type, row: row, adding: true)
                row += 1
            }
        }
        return result
    }
}
