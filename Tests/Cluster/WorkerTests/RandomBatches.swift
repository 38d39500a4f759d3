import Messages
import TestSupport

/// Batches of some sequences as a coordinator might send them: prompts in chunks, then one token at a time.
struct RandomBatches {
    private var random: SplitMix64
    private var sequences: [(tokens: [Int32], blocks: [UInt32])] = []
    private var lastBatch: UInt64 = 0

    init(seed: UInt64) {
        random = SplitMix64(seed: TestSeed.value &+ seed)
        // Blocks in no order, each of one sequence.
        let blocks = (0..<UInt32(Models.blockCount)).shuffled(using: &random)
        sequences = (0..<4).map { ([], Array(blocks[(16 * $0)..<(16 * $0 + 16)])) }
    }

    mutating func next() -> Batch {
        lastBatch += 1
        var slices: [Slice] = []
        for (id, sequence) in sequences.enumerated() where random.chance(70) || (id == 3 && slices.isEmpty) {
            let start = sequence.tokens.count
            let count = random.chance(50) ? 1 : random.int(1...40)
            guard start + count <= 256 else { continue }
            let tokens = (0..<count).map { _ in Int32(random.int(0...Models.vocabularySize - 1)) }
            sequences[id].tokens += tokens
            let table = Array(sequence.blocks.prefix((start + count + 15) / 16))
            var slice = Slice(
                sequenceID: UInt64(id), index: UInt32(id), start: UInt32(start), tokens: tokens, blockTable: table)
            decorate(&slice)
            slices.append(slice)
        }
        return Batch(batchID: lastBatch, slices: slices)
    }

    private mutating func decorate(_ slice: inout Slice) {
        if random.chance(60) {
            let parameters = SamplingSettings(
                temperature: [0, 0.7, 1, 3][random.int(0...3)], topK: UInt32(random.int(0...60)),
                topP: random.chance(50) ? 1 : 0.9, frequencyPenalty: random.chance(50) ? 0 : 0.5,
                logitBias: [LogitBias(token: Int32(random.int(0...8_191)), bias: 2)], seed: random.next())
            slice.sample = SampleOutput(
                parameters: parameters, history: slice.tokens, promptCount: UInt32(random.int(0...slice.tokens.count)),
                alternatives: UInt32(random.int(0...3)))
        }
        if random.chance(40) {
            let first = random.int(0...slice.tokens.count - 1)
            let count = random.int(0...slice.tokens.count - first)
            slice = slice.scoring(
                Models.tokens(count, from: first), firstRow: UInt32(first), alternatives: UInt32(random.int(0...2)))
        }
    }
}
