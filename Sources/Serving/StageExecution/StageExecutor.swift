import GPT2
import Messages
import Sampling

/// Runs batches as they travel on a pipeline stage: activations in, and activations or sampled and scored tokens out.
public final class StageExecutor {
    /// Rows whose logits are in memory at once: XL's vocabulary takes 200 kB a row.
    private static let logitRows = 32

    public let stage: PipelineStage

    private let observer: (any StageObserver)?
    private var unused: TokenSet?

    /// - Parameter observer: hears of every batch how far it is.
    public init(stage: PipelineStage, observer: (any StageObserver)? = nil) {
        self.stage = stage
        self.observer = observer
    }

    /// Token ids that are sampled only for requests that allow it, in place of those before.
    /// - Parameter bits: as in `Assignment.unusedIDs`; nil: there are none.
    /// - Throws: ``BatchError`` where they are not of the model's vocabulary, or leave nothing of it.
    public func leaveOut(_ bits: [UInt8]?) throws(BatchError) {
        do throws(SamplingError) {
            unused = nil
            if let bits { unused = try TokenSet(bits: bits, vocabularySize: stage.configuration.vocabularySize) }
        } catch {
            throw BatchError(description: "\(error)")
        }
    }

    /// - Parameter activations: what the stage before sent; nil in the first.
    /// - Throws: ``BatchError`` where the batch does not fit the stage, or a number is not finite.
    public func run(_ batch: Batch, activations: [UInt8]?) throws(BatchError) -> StageOutput {
        let input = try matrix(batch, activations)
        let slices = batch.slices.map { slice in
            SequenceSlice(
                start: Int(slice.start), tokens: slice.tokens, blockTable: slice.blockTable.map { Int32(clamping: $0) })
        }
        let copies = batch.copies.map {
            GPT2.BlockCopy(from: Int32(clamping: $0.from), to: Int32(clamping: $0.to))
        }
        do {
            let wanted = stage.isLast ? try WantedRow.rows(of: batch) : []
            let output = try stage.forward(
                slices, copies: copies, activations: input, observer: observer, headFollows: !wanted.isEmpty)
            if stage.isLast { return .result(try results(batch, wanted, output)) }
            let shape = ActivationShape(rows: UInt32(output.rows), width: UInt32(output.columns), type: .f32)
            return .activations(shape, output.bytes())
        } catch {
            throw BatchError(description: "layers \(stage.layers.lowerBound)-\(stage.layers.upperBound - 1): \(error)")
        }
    }

    private func matrix(_ batch: Batch, _ bytes: [UInt8]?) throws(BatchError) -> Activations? {
        guard !stage.isFirst else { return nil }
        guard let shape = batch.activations, let bytes else {
            throw BatchError(description: "a batch came without activations")
        }
        let (count, overflow) = Int(shape.rows).multipliedReportingOverflow(by: Int(shape.width))
        guard shape.type == .f32, !overflow, count <= bytes.count, count * 4 == bytes.count else {
            throw BatchError(
                description: "activations of \(bytes.count) bytes are not [\(shape.rows), \(shape.width)] f32")
        }
        do {
            return try Activations(littleEndianF32: bytes, rows: Int(shape.rows), columns: Int(shape.width))
        } catch {
            throw BatchError(description: "\(error)")
        }
    }

    /// Runs the head where it is wanted, some rows at a time.
    private func results(_ batch: Batch, _ wanted: [WantedRow], _ output: Activations) throws -> BatchResult {
        var results = batch.slices.map { SequenceResult(sequenceID: $0.sequenceID) }
        for start in stride(from: 0, to: wanted.count, by: Self.logitRows) {
            let chunk = wanted[start..<min(start + Self.logitRows, wanted.count)]
            let isLast = chunk.endIndex == wanted.count
            let logits = try stage.logits(
                rows: chunk.map(\.row), of: output, observer: isLast ? observer : nil)
            let outcomes = stage.mapRows(of: logits) { [slices = batch.slices, unused] place, logits in
                let row = chunk[chunk.startIndex + place]
                return row.outcome(of: logits, slice: slices[row.slice], unused: unused)
            }
            for (row, outcome) in zip(chunk, outcomes) { results[row.slice].take(outcome) }
            if !isLast { observer?.partFinished() }
        }
        return BatchResult(batchID: batch.batchID, sequences: results)
    }
}
