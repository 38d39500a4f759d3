import GPT2
import Messages
import Sampling

/// Why a stage could not run a batch; the line goes to whoever asked for it.
public struct BatchError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String
}

/// What a stage makes of a batch.
public enum StageOutput: Sendable, Equatable {
    /// For the next stage: [rows, width], f32, little-endian.
    case activations(ActivationShape, [UInt8])
    /// From the last stage.
    case result(BatchResult)
}

/// Runs batches as they travel on a pipeline stage: activations in, and activations or drawn and scored tokens out.
public final class StageExecutor {
    /// Rows whose logits are in memory at once: XL's vocabulary takes 200 kB a row.
    private static let logitRows = 32

    public let stage: PipelineStage

    public init(stage: PipelineStage) { self.stage = stage }

    /// - Parameters:
    ///   - activations: what the stage before sent; nil in the first.
    ///   - meanwhile: called after each layer and each piece of the head, for what cannot wait for a whole batch.
    ///   - nearEnd: called once, shortly before the end.
    /// - Throws: ``BatchError`` where the batch does not fit the stage, or a number is not finite.
    public func run(
        _ batch: Batch, activations: [UInt8]?, meanwhile: (() -> Void)? = nil, nearEnd: (() -> Void)? = nil
    ) throws(BatchError) -> StageOutput {
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
                slices, copies: copies, activations: input, layerDone: meanwhile,
                nearEnd: wanted.isEmpty ? nearEnd : nil)
            if stage.isLast { return .result(try results(batch, wanted, output, meanwhile, nearEnd)) }
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
    private func results(
        _ batch: Batch, _ wanted: [WantedRow], _ output: Activations, _ meanwhile: (() -> Void)?,
        _ nearEnd: (() -> Void)?
    ) throws -> BatchResult {
        var results = batch.slices.map { SequenceResult(sequenceID: $0.sequenceID) }
        for start in stride(from: 0, to: wanted.count, by: Self.logitRows) {
            let chunk = wanted[start..<min(start + Self.logitRows, wanted.count)]
            let logits = try stage.logits(
                rows: chunk.map(\.row), of: output, nearEnd: chunk.endIndex == wanted.count ? nearEnd : nil)
            let outcomes = stage.mapRows(of: logits) { [slices = batch.slices] place, logits in
                let row = chunk[chunk.startIndex + place]
                return row.outcome(of: logits, slice: slices[row.slice])
            }
            for (row, outcome) in zip(chunk, outcomes) { results[row.slice].take(outcome) }
            if chunk.endIndex < wanted.count { meanwhile?() }
        }
        return BatchResult(batchID: batch.batchID, sequences: results)
    }
}

/// A row of the activations whose logits are wanted, and what for.
private struct WantedRow: Sendable {
    let row: Int
    let slice: Int
    /// nil: draw a token.
    let target: Int32?

    static func rows(of batch: Batch) throws(BatchError) -> [WantedRow] {
        var wanted: [WantedRow] = []
        var firstRow = 0
        for (index, slice) in batch.slices.enumerated() {
            try wanted.append(contentsOf: rows(of: slice, at: index, firstRow: firstRow))
            firstRow += slice.tokens.count
        }
        return wanted
    }

    /// - Parameter firstRow: the slice's first row in the batch.
    private static func rows(of slice: Slice, at index: Int, firstRow: Int) throws(BatchError) -> [WantedRow] {
        var rows: [WantedRow] = []
        if let score = slice.score {
            guard Int(score.firstRow) + score.targets.count <= slice.tokens.count else {
                throw BatchError(description: "more targets than rows in a slice")
            }
            for (offset, target) in score.targets.enumerated() {
                rows.append(WantedRow(row: firstRow + Int(score.firstRow) + offset, slice: index, target: target))
            }
        }
        if slice.sample != nil {
            rows.append(WantedRow(row: firstRow + slice.tokens.count - 1, slice: index, target: nil))
        }
        return rows
    }

    func outcome(of logits: Span<Float>, slice: Slice) -> RowOutcome {
        do throws(SamplingError) {
            if let target {
                let alternatives = Int(slice.score?.alternatives ?? 0)
                return .scored(
                    TokenResult(try Sampler.score(logits: logits, target: target, alternatives: alternatives)))
            }
            guard let sample = slice.sample else { return .nothing }
            let drawn = try Sampler.sample(
                logits: logits, parameters: SamplingParameters(sample.parameters), history: sample.history,
                promptCount: Int(sample.promptCount), sequenceIndex: slice.index,
                position: slice.start + UInt32(slice.tokens.count), alternatives: Int(sample.alternatives))
            return .sampled(TokenResult(drawn))
        } catch {
            return .failed("\(error)")
        }
    }
}

/// What came of a row's logits.
private enum RowOutcome: Sendable {
    case nothing
    case scored(TokenResult)
    case sampled(TokenResult)
    case failed(String)
}

extension SequenceResult {
    /// In the order of the rows; nothing follows an error.
    fileprivate mutating func take(_ outcome: RowOutcome) {
        guard error == nil else { return }
        switch outcome {
        case .nothing: break
        case .scored(let token): scores.append(token)
        case .sampled(let token): sampled = token
        case .failed(let reason): error = reason
        }
    }
}

extension TokenResult {
    fileprivate init(_ token: SampledToken) {
        self.init(
            token: token.token, logprob: token.logprob,
            alternatives: token.alternatives.map { Alternative(token: $0.token, logprob: $0.logprob) })
    }
}

extension SamplingParameters {
    /// Parameters as they travel.
    public init(_ wire: SamplingSettings) {
        self.init()
        temperature = wire.temperature
        topK = Int(wire.topK)
        topP = wire.topP
        minP = wire.minP
        repetitionPenalty = wire.repetitionPenalty
        presencePenalty = wire.presencePenalty
        frequencyPenalty = wire.frequencyPenalty
        logitBias = Dictionary(wire.logitBias.map { ($0.token, $0.bias) }, uniquingKeysWith: { $1 })
        seed = wire.seed ?? 0
    }
}
