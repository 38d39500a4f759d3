import Checkpoint
import Kernels

/// Token and position embeddings, widened row by row straight from the mapped file, so that only the rows of tokens
/// that occur are ever read.
struct Embedding {
    private let checkpoint: Checkpoint
    private let tokens: (info: TensorInfo, type: WeightType)
    private let positions: (info: TensorInfo, type: WeightType)
    private let width: Int

    init(_ checkpoint: Checkpoint, _ configuration: GPT2Configuration) throws(GPT2Error) {
        self.checkpoint = checkpoint
        width = configuration.width
        tokens = try checkpoint.weights("wte.weight", [configuration.vocabularySize, width])
        positions = try checkpoint.weights("wpe.weight", [configuration.context, width])
    }

    /// The embeddings of a checked batch, [rows, width].
    func embed(_ slices: [SequenceSlice]) -> Matrix {
        let result = Matrix(rows: slices.reduce(0) { $0 + $1.tokens.count }, columns: width)
        checkpoint.withBytes(of: tokens.info) { table in
            var row = 0
            for token in slices.lazy.flatMap(\.tokens) {
                result.lookUp(Int(token), in: table, type: tokens.type, row: row, adding: false)
                row += 1
            }
        }
        checkpoint.withBytes(of: positions.info) { table in
            var row = 0
            for position in slices.lazy.flatMap({ $0.start..<$0.start + $0.tokens.count }) {
                result.lookUp(position, in: table, type: positions.type, row: row, adding: true)
                row += 1
            }
        }
        return result
    }
}
