import Foundation
import GPT2
import Messages
import ModelFiles
import StageExecution
import TestSupport
import Worker

/// The demo cluster's model, whole or in stages.
enum Models {
    static let context = 512
    static let layerCount = 8
    static let width = 192
    static let vocabularySize = 8_192
    static let blockCount = 64

    private static let loaded = Result {
        try LocalModel(directory: Repository.demoModel)
    }

    static func model() throws -> LocalModel { try loaded.get() }

    static func stage(_ layers: Range<Int>) throws -> PipelineStage {
        let model = try loaded.get()
        return try PipelineStage(
            configuration: model.configuration, files: model.weights, layers: layers, blockCount: blockCount,
            backend: Backend(threadCount: 1))
    }

    /// An executor of these layers; all of them where none are named.
    static func executor(_ layers: Range<Int> = 0..<layerCount) throws -> StageExecutor {
        StageExecutor(stage: try stage(layers))
    }

    /// Some tokens that differ from place to place.
    static func tokens(_ count: Int, from first: Int = 0) -> [Int32] {
        (first..<(first + count)).map { Int32($0 * 977 % vocabularySize) }
    }
}

extension Slice {
    /// A sequence's first positions, in blocks from `block` on.
    static func prompt(_ id: UInt64, _ tokens: [Int32], block: UInt32 = 0) -> Slice {
        let blocks = UInt32((tokens.count + 15) / 16)
        return Slice(
            sequenceID: id, index: 0, start: 0, tokens: tokens, blockTable: Array(block..<(block + max(1, blocks))))
    }

    /// The same, whose next token is sampled.
    func sampling(_ parameters: SamplingSettings = .init(seed: 7), alternatives: UInt32 = 0) -> Slice {
        var slice = self
        slice.sample = SampleOutput(parameters: parameters, alternatives: alternatives)
        return slice
    }

    /// The same, with these targets from a row on.
    func scoring(_ targets: [Int32], firstRow: UInt32 = 0, alternatives: UInt32 = 0) -> Slice {
        var slice = self
        slice.score = ScoreOutput(firstRow: firstRow, targets: targets, alternatives: alternatives)
        return slice
    }
}

extension StageExecutor {
    /// What the last stage makes of the batch.
    func result(_ batch: Batch, activations: [UInt8]? = nil) throws -> BatchResult {
        guard case .result(let result) = try run(batch, activations: activations) else { throw NoResult() }
        return result
    }
}

struct NoResult: Error {}

/// Executors in a row, as workers would be.
struct Row {
    let executors: [StageExecutor]

    init(cutAt cuts: [Int]) throws {
        executors = try zip([0] + cuts, cuts + [Models.layerCount]).map { try Models.executor($0..<$1) }
    }

    func run(_ batch: Batch) throws -> BatchResult {
        var batch = batch
        var activations: [UInt8]?
        for executor in executors {
            switch try executor.run(batch, activations: activations) {
            case .activations(let shape, let bytes):
                batch.activations = shape
                activations = bytes
            case .result(let result): return result
            }
        }
        throw NoResult()
    }
}
