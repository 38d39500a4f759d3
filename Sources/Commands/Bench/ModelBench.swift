import GPT2
import Kernels
import Sampling

/// Measures a whole model in this process: prompts, and then tokens of all sequences side by side.
struct ModelBench {
    struct Result: Encodable {
        let threads: Int
        let type: String
        let cacheType: String
        let prompt: Int
        let decode: Int
        /// Sequences at once.
        let batch: Int
        /// Of all sequences together.
        let prefillTokensPerSecond: Double
        let decodeTokensPerSecond: Double
        /// Of the limit: the larger of bytes ÷ bandwidth and operations ÷ peak.
        let prefillShare: Double
        let decodeShare: Double
        let readBytesPerSecond: Double
        let operationsPerSecond: Double
        let weightBytes: Int
    }

    let stage: PipelineStage
    let limits: LimitRuns
    let threads: Int
    let runs: Int

    /// Blocks that a sequence of so many positions takes.
    static func blocks(positions: Int) -> Int { (positions - 1) / KeyValueCache.blockPositions + 1 }

    func measure(prompt: Int, decode: Int, batch: Int) throws -> Result {
        let sequences = Sequences(count: batch, prompt: prompt, positions: prompt + decode)
        let rates = { limits.rates(stage.weightType) }
        let prefill = try PairedRuns(runs: runs, cost: prefillCost(prompt, batch), limits: rates) {
            try seconds { for index in 0..<batch { try prefillOne(sequences, index) } }
        }
        var steps: [WorkCost] = []
        for step in 0..<decode { steps.append(decodeCost(positions: prompt + step + 1, batch)) }
        let cost = WorkCost(
            bytes: steps.reduce(0) { $0 + $1.bytes }, operations: steps.reduce(0) { $0 + $1.operations })
        let decoding = try PairedRuns(runs: runs, cost: cost, limits: rates) {
            try seconds { for step in 0..<decode { try decodeOne(sequences, position: prompt + step) } }
        }
        return Result(
            threads: threads, type: stage.weightType.rawValue, cacheType: stage.cacheType.rawValue, prompt: prompt,
            decode: decode, batch: batch, prefillTokensPerSecond: Double(prompt * batch) / prefill.seconds,
            decodeTokensPerSecond: Double(decode * batch) / decoding.seconds, prefillShare: prefill.share,
            decodeShare: decoding.share, readBytesPerSecond: decoding.limits.bytesPerSecond,
            operationsPerSecond: decoding.limits.operationsPerSecond, weightBytes: stage.weightBytes)
    }

    /// A prompt needs the logits of its last position only.
    private func prefillCost(_ prompt: Int, _ batch: Int) -> WorkCost {
        let products = PipelineStage.multiplyAdds(stage.configuration)
        let perPrompt = products.perLayer * stage.configuration.layerCount * prompt + products.head
        return WorkCost(
            bytes: Double(batch * stage.weightBytes), operations: 2 * Double(batch) * Double(perPrompt))
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

    private func prefillOne(_ sequences: Sequences, _ index: Int) throws {
        let slice = sequences.prompt(index, vocabulary: stage.configuration.vocabularySize)
        let output = try stage.forward([slice], activations: nil)
        try draw(try stage.logits(rows: [output.rows - 1], of: output))
    }

    private func decodeOne(_ sequences: Sequences, position: Int) throws {
        let slices = (0..<sequences.count).map {
            sequences.token($0, position: position, vocabulary: stage.configuration.vocabularySize)
        }
        let output = try stage.forward(slices, activations: nil)
        try draw(try stage.logits(rows: Array(0..<output.rows), of: output))
    }

    /// Draws greedily, as the last stage does.
    private func draw(_ logits: Activations) throws {
        var parameters = SamplingParameters()
        parameters.temperature = 0
        for row in 0..<logits.rows {
            _ = try logits.withRow(row) { (values) throws(SamplingError) in
                try Sampler.sample(
                    logits: values, parameters: parameters, history: [], promptCount: 0, sequenceIndex: 0, position: 0,
                    alternatives: 0)
            }
        }
    }

    private func seconds(_ body: () throws -> Void) rethrows -> Double {
        try ContinuousClock().measure(body) / .seconds(1)
    }
}

/// Sequences of made-up tokens, with cache blocks of their own.
private struct Sequences {
    let count: Int
    let prompt: Int
    let positions: Int

    func prompt(_ index: Int, vocabulary: Int) -> SequenceSlice {
        SequenceSlice(
            start: 0, tokens: (0..<prompt).map { token(index, $0, vocabulary) }, blockTable: blockTable(index))
    }

    func token(_ index: Int, position: Int, vocabulary: Int) -> SequenceSlice {
        SequenceSlice(
            start: position, tokens: [token(index, position, vocabulary)], blockTable: blockTable(index))
    }

    private func token(_ index: Int, _ position: Int, _ vocabulary: Int) -> Int32 {
        Int32((index * 7_919 + position * 104_729 + 17) % vocabulary)
    }

    private func blockTable(_ index: Int) -> [Int32] {
        let blocks = ModelBench.blocks(positions: positions)
        return (index * blocks..<(index + 1) * blocks).map(Int32.init)
    }
}
