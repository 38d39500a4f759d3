import GPT2
import Kernels
import Sampling
import Scheduling

/// Measures a whole model in this process: prompts, and then tokens of all sequences side by side.
package struct ModelBench {
    package struct Result: Encodable, Sendable {
        package let threads: Int
        package let type: String
        package let cacheType: String
        package let prompt: Int
        package let decode: Int
        /// Sequences at once.
        package let batch: Int
        /// Of all sequences together.
        package let prefillTokensPerSecond: Double
        package let decodeTokensPerSecond: Double
        /// Of the limit: the larger of bytes ÷ bandwidth and operations ÷ peak.
        package let prefillShare: Double
        package let decodeShare: Double
        package let readBytesPerSecond: Double
        package let operationsPerSecond: Double
        package let weightBytes: Int
    }

    private let stage: PipelineStage
    private let limits: LimitRuns
    private let threads: Int
    private let runs: Int

    /// - Parameters:
    ///   - stage: all layers of a model.
    ///   - threads: of the stage's team, for the result.
    package init(stage: PipelineStage, limits: LimitRuns, threads: Int, runs: Int) {
        (self.stage, self.limits, self.threads, self.runs) = (stage, limits, threads, runs)
    }

    /// Rows whose logits are in memory at once, as in a worker.
    private static let logitRows = 32

    /// Blocks that a sequence of so many positions takes.
    package static func blocks(positions: Int) -> Int { (positions - 1) / KeyValueCache.blockPositions + 1 }

    package func measure(prompt: Int, decode: Int, batch: Int) throws -> Result {
        let sequences = MadeUpSequences(count: batch, prompt: prompt, positions: prompt + decode)
        let rates = { limits.rates(stage.weightType) }
        let batches = promptBatches(sequences: batch, prompt: prompt, rows: SchedulerLimits().batchRows)
        let cost = prefillCost(prompt, sequences: batch, batches: batches.count)
        let prefill = try PairedRuns(runs: runs, cost: cost, limits: rates) {
            try seconds { for part in batches { try computePrompts(sequences, part) } }
        }
        var steps: [WorkCost] = []
        for step in 0..<decode { steps.append(decodeCost(positions: prompt + step + 1, batch)) }
        let allSteps = WorkCost(
            bytes: steps.reduce(0) { $0 + $1.bytes }, operations: steps.reduce(0) { $0 + $1.operations })
        let decoding = try PairedRuns(runs: runs, cost: allSteps, limits: rates) {
            try seconds { for step in 0..<decode { try computeStep(sequences, position: prompt + step) } }
        }
        return Result(
            threads: threads, type: stage.weightType.rawValue, cacheType: stage.cacheType.rawValue, prompt: prompt,
            decode: decode, batch: batch, prefillTokensPerSecond: Double(prompt * batch) / prefill.seconds,
            decodeTokensPerSecond: Double(decode * batch) / decoding.seconds, prefillShare: prefill.share,
            decodeShare: decoding.share, readBytesPerSecond: decoding.limits.bytesPerSecond,
            operationsPerSecond: decoding.limits.operationsPerSecond, weightBytes: stage.weightBytes)
    }

    /// A prompt needs the logits of its last position only, and a batch all weights once.
    private func prefillCost(_ prompt: Int, sequences: Int, batches: Int) -> WorkCost {
        let products = PipelineStage.multiplyAdds(stage.configuration)
        let perPrompt = products.perLayer * stage.configuration.layerCount * prompt + products.head
        return WorkCost(
            bytes: Double(batches * stage.weightBytes), operations: 2 * Double(sequences) * Double(perPrompt))
    }

    /// All weights once, and the keys and values of all positions.
    private func decodeCost(positions: Int, _ batch: Int) -> WorkCost {
        let configuration = stage.configuration
        let products = PipelineStage.multiplyAdds(configuration)
        let perPosition = configuration.cacheBytesPerBlock(stage.cacheType) / KeyValueCache.blockPositions
        let cacheBytes = batch * positions * configuration.layerCount * perPosition
        let perToken = products.perLayer * configuration.layerCount + products.head
        return WorkCost(
            bytes: Double(stage.weightBytes + cacheBytes), operations: 2 * Double(batch) * Double(perToken))
    }

    private func computePrompts(_ sequences: MadeUpSequences, _ batch: [PromptPart]) throws {
        let slices = batch.map { sequences.slice($0, vocabulary: stage.configuration.vocabularySize) }
        let output = try stage.forward(slices, activations: nil)
        var lastRows: [Int] = []
        var rows = 0
        for part in batch {
            rows += part.positions.count
            if part.positions.upperBound == sequences.prompt { lastRows.append(rows - 1) }
        }
        try sample(rows: lastRows, of: output)
    }

    private func computeStep(_ sequences: MadeUpSequences, position: Int) throws {
        let slices = (0..<sequences.count).map {
            sequences.slice(
                PromptPart(sequence: $0, positions: position..<position + 1),
                vocabulary: stage.configuration.vocabularySize)
        }
        let output = try stage.forward(slices, activations: nil)
        try sample(rows: Array(0..<output.rows), of: output)
    }

    /// Samples a token for each of these rows, greedily, some rows at a time as the last stage does.
    private func sample(rows: [Int], of output: Activations) throws {
        var parameters = SamplingParameters()
        parameters.temperature = 0
        for start in stride(from: 0, to: rows.count, by: Self.logitRows) {
            let logits = try stage.logits(
                rows: Array(rows[start..<min(start + Self.logitRows, rows.count)]), of: output)
            let sampled = stage.mapRows(of: logits) { [parameters] _, values in
                Swift.Result {
                    try Sampler.sample(
                        logits: values, parameters: parameters, history: TokenHistory(),
                        at: SamplePosition(sequenceIndex: 0, position: 0), alternatives: 0)
                }
            }
            for token in sampled { _ = try token.get() }
        }
    }

    private func seconds(_ body: () throws -> Void) rethrows -> Double {
        try ContinuousClock().measure(body) / .seconds(1)
    }
}
