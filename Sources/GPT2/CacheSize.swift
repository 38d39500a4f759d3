import Kernels

extension GPT2Configuration {
    /// Memory that one block of the KV cache takes in one layer, in bytes.
    public var cacheBytesPerBlock: Int {
        KeyValueCache.byteCountPerBlock(headCount: headCount, headWidth: headWidth)
    }
}
