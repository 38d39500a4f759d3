import Messages

/// A stand-in for a whole pipeline: the next token is a function of the tokens so far. It keeps these in blocks, as a
/// KV cache does, so that a wrong block table or position gives wrong tokens.
struct FakeStage {
    /// Samples a token after `tokens`.
    var next: (_ tokens: [Int32], _ slice: Slice) -> Int32
    private var blocks: [UInt32: [Int32]] = [:]

    init(next: @escaping (_ tokens: [Int32], _ slice: Slice) -> Int32) { self.next = next }

    /// Always samples the tokens of this script, whatever the prompt, again and again.
    init(script: [Int32], promptCount: Int) {
        self.init { tokens, _ in script[(tokens.count - promptCount) % script.count] }
    }

    mutating func run(_ batch: Batch) -> BatchResult {
        if batch.cancelled { return BatchResult(batchID: batch.batchID, cancelled: true) }
        for copy in batch.copies { blocks[copy.to] = blocks[copy.from] }
        return BatchResult(batchID: batch.batchID, sequences: batch.slices.map { run($0) })
    }

    private mutating func run(_ slice: Slice) -> SequenceResult {
        for (offset, token) in slice.tokens.enumerated() {
            let position = Int(slice.start) + offset
            blocks[slice.blockTable[position / 16], default: [Int32](repeating: -1, count: 16)][position % 16] = token
        }
        let end = Int(slice.start) + slice.tokens.count
        let tokens = (0..<end).map { blocks[slice.blockTable[$0 / 16]]?[$0 % 16] ?? -1 }
        var result = SequenceResult(sequenceID: slice.sequenceID)
        if let sample = slice.sample {
            let token = next(tokens, slice)
            result.sampled = Self.result(token, after: tokens, alternatives: Int(sample.alternatives))
        }
        if let score = slice.score {
            result.scores = score.targets.enumerated().map { offset, target in
                let row = Int(slice.start) + Int(score.firstRow) + offset
                return Self.result(target, after: Array(tokens[...row]), alternatives: Int(score.alternatives))
            }
        }
        return result
    }

    /// A log-probability that tells every context and token from others.
    static func logprob(_ token: Int32, after tokens: [Int32]) -> Float {
        -Float(hash(tokens + [token]) % 1_000_000) / 1_000
    }

    static func hash(_ tokens: [Int32]) -> UInt64 {
        tokens.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64(UInt32(bitPattern: $1))) &* 0x100_0000_01B3 }
    }

    private static func result(_ token: Int32, after tokens: [Int32], alternatives: Int) -> TokenResult {
        TokenResult(
            token: token, logprob: logprob(token, after: tokens),
            alternatives: (0..<alternatives).map { TokenResult.Alternative(token: Int32($0), logprob: -1) })
    }
}
