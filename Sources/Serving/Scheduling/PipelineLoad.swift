/// What a pipeline has to do at a moment.
struct PipelineLoad: Sendable, Equatable {
    /// Positions whose attention costs a row about as much as its products do, in GPT-2 XL: 300 kB of keys and values a
    /// position at 35 GB/s, 2.95 GFLOP a row at 930 Gop/s.
    private static let positionsPerRow = 360.0

    /// Sequences that decode, those in flight included.
    var decoding = 0
    /// What their rows cost together, in rows without any positions before them.
    var decodingCost = 0.0
    /// Positions of prompts that have not been sent.
    var promptRows = 0

    /// What one row of a sequence with so many positions costs, in rows without any positions before them.
    static func cost(positions: Int) -> Double { 1 + Double(positions) / positionsPerRow }
}
