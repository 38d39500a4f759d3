import Kernels
import ModelFiles

extension GPT2Configuration {
    /// Blocks of the KV cache that a sequence of full length takes.
    public var blocksPerSequence: Int {
        (contextLength + KeyValueCache.blockPositions - 1) / KeyValueCache.blockPositions
    }

    /// Memory that one block of the KV cache takes in one layer, in bytes, where keys and values are floats.
    public var cacheBytesPerBlock: Int { cacheBytesPerBlock(.f32) }

    /// Memory that one block of the KV cache takes in one layer, in bytes.
    public func cacheBytesPerBlock(_ type: CacheType) -> Int {
        KeyValueCache.byteCountPerBlock(headCount: headCount, headWidth: headWidth, type: type)
    }
}
