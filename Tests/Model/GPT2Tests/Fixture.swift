import Foundation
import GPT2
import Kernels
import ModelFiles
import TestSupport
import Testing

/// A model with what Hugging Face transformers computes from it (scripts/fixtures/make-gpt2.py).
enum Fixture: String, CaseIterable {
    case demo
    case oneHead = "one-head"
    case fiveHeadsErf = "five-heads-erf"
    case thirteenLayersSharded = "thirteen-layers-sharded"
    case untiedOldNames = "untied-old-names"
    case wideHeadMixedTypes = "wide-head-mixed-types"

    struct Reference: Decodable {
        var prompt: [Int32]
        var greedy: [Int32]
        /// Indices into prompt + greedy whose logits are given.
        var positions: [Int]

        var tokens: [Int32] { prompt + greedy }
    }

    private var folder: URL { Repository.fixtures.appending(path: "gpt2/\(rawValue)") }

    /// Where the model's files are.
    var model: String {
        self == .demo ? Repository.demoModel : folder.path(percentEncoded: false)
    }

    func reference() throws -> Reference {
        try JSONDecoder().decode(Reference.self, from: Data(contentsOf: folder.appending(path: "reference.json")))
    }

    /// The logits of the reference's positions, [positions, vocabulary size].
    func logits(vocabularySize: Int) throws -> Matrix {
        let bytes = [UInt8](try Data(contentsOf: folder.appending(path: "logits.f32")))
        return try Matrix(
            littleEndianF32: bytes, rows: bytes.count / 4 / vocabularySize, columns: vocabularySize)
    }
}

/// The stages of a model, one after another in one process.
final class Pipeline {
    let configuration: GPT2Configuration
    let stages: [PipelineStage]
    static let blockCount = 64

    /// Cuts the layers into `stageCount` ranges of nearly the same length.
    convenience init(
        _ fixture: Fixture, stageCount: Int = 1, weights: PackedType? = nil, cache: CacheType = .f32,
        threadCount: Int = 2, instructionSet: InstructionSet? = nil
    ) throws {
        try self.init(
            directory: fixture.model, stageCount: stageCount, weights: weights, cache: cache, threadCount: threadCount,
            instructionSet: instructionSet)
    }

    /// The same with the model in any directory.
    convenience init(
        directory: String, stageCount: Int = 1, weights: PackedType? = nil, cache: CacheType = .f32,
        threadCount: Int = 2, instructionSet: InstructionSet? = nil
    ) throws {
        try self.init(
            LocalModel(directory: directory), stageCount: stageCount, weights: weights, cache: cache,
            threadCount: threadCount, instructionSet: instructionSet)
    }

    /// The same with an opened model.
    init(
        _ model: LocalModel, stageCount: Int = 1, weights: PackedType? = nil, cache: CacheType = .f32,
        threadCount: Int = 2, instructionSet: InstructionSet? = nil
    ) throws {
        let (configuration, files) = (model.configuration, model.weights)
        let backend =
            if let instructionSet {
                try Backend(threadCount: threadCount, instructionSet: instructionSet)
            } else {
                try Backend(threadCount: threadCount)
            }
        let layers = configuration.layerCount
        self.configuration = configuration
        stages = try (0..<stageCount).map { index in
            try PipelineStage(
                configuration: configuration, files: files,
                layers: layers * index / stageCount..<layers * (index + 1) / stageCount,
                blockCount: Self.blockCount, weights: weights, cache: cache, backend: backend)
        }
    }

    /// Logits of all rows of a batch. Activations between stages pass as bytes, as they do on the wire.
    func logits(_ slices: [SequenceSlice], copies: [BlockCopy] = []) throws -> Matrix {
        var activations = try stages[0].forward(slices, copies: copies, activations: nil)
        for stage in stages.dropFirst() {
            let received = try Matrix(
                littleEndianF32: activations.bytes(), rows: activations.rows, columns: activations.columns)
            activations = try stage.forward(slices, copies: copies, activations: received)
        }
        return try stages[stages.count - 1].logits(rows: Array(0..<activations.rows), of: activations)
    }

    /// Logits of one sequence computed in chunks of the given sizes, taken in turn.
    func logits(_ tokens: [Int32], chunks: [Int], blockTable: [Int32]? = nil) throws -> [[UInt32]] {
        let table = blockTable ?? Self.blocks(for: tokens.count)
        var result: [[UInt32]] = []
        var turn = 0
        while result.count < tokens.count {
            let end = min(tokens.count, result.count + chunks[turn % chunks.count])
            let chunk = Array(tokens[result.count..<end])
            result += try logits([SequenceSlice(start: result.count, tokens: chunk, blockTable: table)]).rowBits
            turn += 1
        }
        return result
    }

    /// Blocks `first` and following for so many positions.
    static func blocks(for positions: Int, from first: Int32 = 0) -> [Int32] {
        (first..<first + Int32((positions + 15) / 16)).map { $0 }
    }
}

extension Matrix {
    var rowBits: [[UInt32]] { (0..<rows).map { row($0).map(\.bitPattern) } }

    /// The index of the greatest value of a row, the lowest where several are.
    func argmax(row index: Int) -> Int32 {
        let values = row(index)
        return Int32(values.indices.max { (values[$0], -$0) < (values[$1], -$1) } ?? 0)
    }
}
