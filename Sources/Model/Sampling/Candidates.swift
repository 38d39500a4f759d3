import Kernels

/// The tokens that may still be sampled, in ascending order of id or in the order of `Ranking`, so that the first of
/// equal scores is always the lowest id.
struct Candidates {
    private(set) var tokens: [Int32]
    /// Logit ÷ temperature of each token minus the greatest, so at most 0: the logarithm of a relative probability.
    private(set) var scores: [Float]

    /// All that the logits are of; `temperature` is above 0. Subtracting the greatest logit first changes no choice, and a
    /// tiny temperature then produces no infinities.
    /// - Parameter tokens: what the logits are of, ascending; nil: the whole vocabulary.
    init(logits: Span<Float>, temperature: Float, tokens: [Int32]?) {
        self.tokens = tokens ?? Array(0..<Int32(logits.count))
        scores = VectorMath.shiftedQuotient(logits, offset: VectorMath.maximum(logits), divisor: temperature)
    }

    /// Keeps the `count` greatest scores, the lowest ids among equals.
    mutating func keepTop(_ count: Int) {
        guard count < tokens.count else { return }
        keep(Ranking.first(count, of: scores.span))
    }

    /// Keeps the fewest tokens, in descending order of score, whose probabilities among the candidates sum to at least
    /// `probability`; at least one.
    mutating func keepNucleus(_ probability: Float) {
        let weights = VectorMath.exp(scores.span)
        let total = weights.reduce(into: 0.0) { $0 += Double($1) }
        // All tokens below this weight together are too improbable to be needed, so they are not sorted.
        let least = (1 - Double(probability)) * total / Double(2 * weights.count)
        var keys: [UInt64] = []
        for index in weights.indices where Double(weights[index]) >= least {
            keys.append(Ranking.key(score: scores[index], index: index))
        }
        let ranked = Ranking.sorted(keys)
        var sum = 0.0
        var count = 0
        repeat {
            sum += Double(weights[ranked[count]])
            count += 1
        } while count < ranked.count && sum < Double(probability) * total
        keep(Array(ranked.prefix(count)))
    }

    /// Keeps tokens at least `ratio` times as probable as the most probable one.
    mutating func keepAtLeast(_ ratio: Float) {
        let weights = VectorMath.exp(scores.span)
        let greatest = VectorMath.maximum(weights.span)
        keep(weights.indices.filter { weights[$0] >= ratio * greatest })
    }

    /// The token whose score plus noise is greatest, the lowest id among equals.
    func sample(seed: UInt64, at place: SamplePosition) -> Int32 {
        let noise = GumbelNoise.values(
            tokens: tokens.span, seed: seed, sequenceIndex: place.sequenceIndex, position: place.position)
        var best = (value: -Float.infinity, token: Int32.max)
        for index in tokens.indices {
            let value = scores[index] + noise[index]
            if value > best.value || (value == best.value && tokens[index] < best.token) {
                best = (value, tokens[index])
            }
        }
        return best.token
    }

    private mutating func keep(_ indices: [Int]) {
        tokens = indices.map { tokens[$0] }
        scores = indices.map { scores[$0] }
    }
}
