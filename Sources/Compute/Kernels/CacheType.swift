/// How keys and values are stored in the KV cache.
public enum CacheType: String, Sendable, CaseIterable {
    case f32, f16

    /// Size of one value in bytes.
    var byteCount: Int { self == .f32 ? 4 : 2 }
}
