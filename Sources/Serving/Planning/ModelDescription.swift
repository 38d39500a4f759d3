import Scheduling

/// A model as the planner knows it: its layers and the memory that they take.
public struct ModelDescription: Sendable, Equatable {
    public var layerCount: Int
    /// The most positions of a sequence.
    public var context: Int
    public var weights: WeightBytes
    /// Memory of one KV cache block in one layer, in bytes.
    public var blockBytesPerLayer: Int
    /// What travels between stages for one row of a batch, in bytes.
    public var activationBytesPerRow: Int

    public init(
        layerCount: Int, context: Int, weights: WeightBytes, blockBytesPerLayer: Int, activationBytesPerRow: Int
    ) {
        self.layerCount = layerCount
        self.context = context
        self.weights = weights
        self.blockBytesPerLayer = blockBytesPerLayer
        self.activationBytesPerRow = activationBytesPerRow
    }
}

/// Bytes that the weights of a model take.
public struct WeightBytes: Sendable, Equatable {
    /// One layer.
    public var layer: Int
    /// The final layer norm and the output head.
    public var head: Int
    /// The embeddings.
    public var embedding: Int
    /// The head is the token embedding: a stage that has both keeps it once.
    public var isTied: Bool

    public init(layer: Int, head: Int, embedding: Int, isTied: Bool = true) {
        self.layer = layer
        self.head = head
        self.embedding = embedding
        self.isTied = isTied
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

    /// The least bytes that a stage with these layers needs: its weights, and the KV cache of one sequence of full length.
    public func leastBytes(of layers: Range<Int>) -> Int {
        weightBytes(of: layers) + layers.count * blocksPerSequence * blockBytesPerLayer
    }

    func weightBytes(layers: Int, hasFirst: Bool, hasLast: Bool) -> Int {
        let shared = hasFirst && hasLast && weights.isTied ? min(weights.embedding, weights.head) : 0
        return layers * weights.layer + (hasFirst ? weights.embedding : 0) + (hasLast ? weights.head : 0) - shared
    }

    /// The most layers for which `memory` bytes are enough, beside the embeddings and the head if the stage has them; -1 if
    /// not even those fit.
    func mostLayers(memory: Int, hasFirst: Bool, hasLast: Bool) -> Int {
        let left = memory - weightBytes(layers: 0, hasFirst: hasFirst, hasLast: hasLast)
        guard left >= 0 else { return -1 }
        return min(layerCount, left / max(1, weights.layer + blocksPerSequence * blockBytesPerLayer))
    }

    /// KV cache blocks of a pipeline: as many as fit into the stage with the least memory for them, at most those of
    /// `sequences` sequences of full length, and at least those of one.
    public func blockCount(stages: [(layers: Range<Int>, cacheBytes: Int)], sequences: Int = 256) -> Int {
        var count = sequences * blocksPerSequence
        for stage in stages {
            count = min(count, stage.cacheBytes / max(1, blockBytesPerLayer * stage.layers.count))
        }
        return max(count, blocksPerSequence)
    }
}
