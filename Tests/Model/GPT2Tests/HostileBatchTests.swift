import GPT2
import Kernels
import TestSupport
import Testing

@Suite("Batches that do not fit")
struct HostileBatchTests {
    /// One layer, context 33, vocabulary 257, width 48.
    private let stage: PipelineStage

    init() throws { stage = try Pipeline(.oneHead).stages[0] }

    private func refused(
        _ slices: [SequenceSlice], copies: [BlockCopy] = [], activations: Matrix? = nil, _ reason: String,
        location: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: GPT2Error.self, sourceLocation: location) {
            _ = try stage.forward(slices, copies: copies, activations: activations)
        }
        #expect(error?.description == "batch: \(reason)", sourceLocation: location)
    }

    private func slice(_ start: Int, _ tokens: [Int32], _ table: [Int32]) -> SequenceSlice {
        SequenceSlice(start: start, tokens: tokens, blockTable: table)
    }

    @Test("are refused for their tokens and positions")
    func tokensAndPositions() {
        refused([], "no tokens")
        refused([slice(0, [], [0])], "slice 0 has no tokens")
        refused([slice(0, [1], [0]), slice(0, [257], [1])], "slice 1: token 257, the vocabulary has 257")
        refused([slice(0, [-1], [0])], "slice 0: token -1, the vocabulary has 257")
        refused([slice(0, [.min], [0])], "slice 0: token -2147483648, the vocabulary has 257")
        for start in [-1, 33, Int.max, Int.min] {
            refused(
                [slice(start, [1], [0, 1, 2])],
                "slice 0: 1 tokens from position \(start), the context has 33 positions")
        }
        refused(
            [slice(30, [1, 2, 3, 4], [0, 1, 2])],
            "slice 0: 4 tokens from position 30, the context has 33 positions")
    }

    @Test("are refused for their blocks")
    func blocks() {
        refused([slice(0, [1], [])], "slice 0: 0 blocks in its table, 1 needed")
        refused([slice(15, [1, 2], [0])], "slice 0: 1 blocks in its table, 2 needed")
        refused([slice(0, [1], [64])], "slice 0: block 64, the cache has 64")
        refused([slice(0, [1], [0, -1])], "slice 0: block -1, the cache has 64")
        let shared = "block 3 is written and used in another place too"
        refused([slice(0, [1], [3]), slice(0, [1], [3])], shared)
        refused([slice(16, [1], [5, 3]), slice(16, [1], [3, 4])], shared)
        refused([slice(16, [1], [3, 3])], shared)
        refused([slice(0, [1], [1])], copies: [BlockCopy(from: 0, to: 64)], "copied block: block 64, the cache has 64")
        refused([slice(0, [1], [1])], copies: [BlockCopy(from: -1, to: 0)], "copied block: block -1, the cache has 64")
        refused(
            [slice(0, [1], [1])], copies: [BlockCopy(from: 2, to: 0), BlockCopy(from: 3, to: 0)],
            "block 0 is copied to twice")
    }

    @Test("are refused for their activations")
    func activations() throws {
        refused(
            [slice(0, [1], [0])], activations: Matrix(rows: 1, columns: 48),
            "the first stage takes tokens, not activations")
        let second = try Pipeline(.demo, stageCount: 2).stages[1]
        let batch = [slice(0, [1, 2], [0])]
        for activations in [nil, Matrix(rows: 1, columns: 192), Matrix(rows: 2, columns: 191)] {
            #expect(throws: GPT2Error.self) { _ = try second.forward(batch, activations: activations) }
        }
        #expect(throws: GPT2Error.self) { _ = try second.logits(rows: [2], of: Matrix(rows: 2, columns: 192)) }
        #expect(throws: GPT2Error.self) { _ = try second.logits(rows: [-1], of: Matrix(rows: 2, columns: 192)) }
        #expect(throws: GPT2Error.self) { _ = try second.logits(rows: [0], of: Matrix(rows: 2, columns: 48)) }
        #expect(try second.logits(rows: [], of: Matrix(rows: 2, columns: 192)).rows == 0)
    }

    @Test("shared blocks that nobody writes are no fault")
    func sharedPrefix() throws {
        let slices = [slice(16, [1], [3, 4]), slice(16, [1], [3, 5])]
        let together = try stage.forward(slices, activations: nil)
        for (row, slice) in slices.enumerated() {
            #expect(together.row(row) == (try stage.forward([slice], activations: nil).row(0)))
        }
    }

    @Test("an activation that is not finite fails with the layer's number")
    func notFinite() throws {
        let second = try Pipeline(.demo, stageCount: 2).stages[1]
        for bad in [Float.infinity, .nan] {
            let activations = Matrix(rows: 1, columns: 192)
            activations.withMutableValues { $0[100] = bad }
            #expect(throws: GPT2Error.nonFinite(layer: 4)) {
                _ = try second.forward([slice(0, [1], [0])], activations: activations)
            }
            #expect(throws: GPT2Error.nonFinite(layer: nil)) { _ = try second.logits(rows: [0], of: activations) }
        }
    }

    @Test("random batches are computed or refused, never a crash", arguments: [UInt64(1), 2, 3])
    func random(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var computed = 0
        for _ in 0..<400 {
            let slices = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                SequenceSlice(
                    start: Int.random(in: -1...33, using: &random) / Int.random(in: 1...33, using: &random),
                    tokens: (0..<Int.random(in: 0...5, using: &random)).map { _ in
                        .random(in: -1...300, using: &random) / 2
                    },
                    blockTable: (0..<Int.random(in: 0...4, using: &random)).map { _ in
                        .random(in: -1...65, using: &random)
                    })
            }
            let copies = [
                BlockCopy(from: .random(in: -1...64, using: &random), to: .random(in: -1...64, using: &random))
            ]
            do {
                let rows = try stage.forward(slices, copies: copies, activations: nil).rows
                #expect(rows == slices.reduce(0) { $0 + $1.tokens.count }, "seed \(seed)")
                computed += 1
            } catch {
                #expect(!error.description.contains("\n"), "seed \(seed)")
            }
        }
        #expect(computed > 10, "seed \(seed)")
    }
}
