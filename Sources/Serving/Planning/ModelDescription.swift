import Scheduling

/// A model as the planner knows it: its layers, and what memory they take.
public struct ModelDescription: Sendable, Equatable {
    public var layerCount: Int
    /// Positions a sequence can have.
    public var context: Int
    /// Weights of one layer, in bytes.
    public var layerBytes: Int
    /// Weights of the final layer norm and the output head, in bytes.
    public var headBytes: Int
    /// Weights of the embeddings, in bytes.
    public var embeddingBytes: Int
    /// The head is the token embedding: a stage that has both keeps it once.
    public var isTied = true
    /// Memory of one KV cache block in one layer, in bytes.
    public var blockBytesPerLayer: Int
    /// What travels between stages for one row of a batch, in bytes.
    public var activationBytesPerRow: Int

    public init(
        layerCount: Int, context: Int, layerBytes: Int, headBytes: Int, embeddingBytes: Int, blockBytesPerLayer: Int,
        activationBytesPerRow: Int
    ) {
        self.layerCount = layerCount
        self.context = context
        self.layerBytes = layerBytes
        self.headBytes = headBytes
        self.embeddingBytes = embeddingBytes
        self.blockBytesPerLayer = blockBytesPerLayer
        self.activationBytesPerRow = activationBytesPerRow
    }
}

// MARK: - Memory

extension ModelDescription {
    /// KV cache blocks of one sequence of full length.
    public var blocksPerSequence: Int { BlockPool.blocks(for: context) }

    /// Weights of a stage with these layers, in bytes.
    public func weightBytes(of layers: Range<Int>) -> Int {
        weightBytes(layers: layers.count, hasFirst: layers.lowerBound == 0, hasLast: layers.upperBound == layerCount)
    }

    /// What a stage with these layers needs at least, in bytes: its weights, and the cache of one full sequence.
    public func leastBytes(of layers: Range<Int>) -> Int {
        weightBytes(of: layers) + layers.count * blocksPerSequence * blockBytesPerLayer
    }

    func weightBytes(layers: Int, hasFirst: Bool, hasLast: Bool) -> Int {
        let shared = hasFirst && hasLast && isTied ? min(embeddingBytes, headBytes) : 0
        return layers * layerBytes + (hasFirst ? embeddingBytes : 0) + (hasLast ? headBytes : 0) - shared
    }

    /// The most layers for which `memory` bytes are enough, beside the embeddings and the head where they are too; -1
    /// where not even those fit.
    func mostLayers(memory: Int, hasFirst: Bool, hasLast: Bool) -> Int {
        let left = memory - weightBytes(layers: 0, hasFirst: hasFirst, hasLast: hasLast)
        guard left >= 0 else { return -1 }
        return min(layerCount, left / max(1, layerBytes + blocksPerSequence * blockBytesPerLayer))
    }

    /// KV cache blocks of a pipeline: as many as the stage with the least memory for them holds, at most those of
    /// `sequences` full sequences, and those of one at least.
    public func blockCount(stages: [(layers: Range<Int>, cacheBytes: Int)], sequences: Int = 256) -> Int {
        var count = sequences * blocksPerSequence
        for stage in stages {
            count = min(count, stage.cacheBytes / max(1, blockBytesPerLayer * stage.layers.count))
        }
        return max(count, blocksPerSequence)
    }
}
