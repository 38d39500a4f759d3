/// Upper bounds on what a file may ask for, checked before anything is allocated.
enum Limits {
    /// Bytes of a safetensors header, as the format fixes it.
    static let headerBytes = 100_000_000
    /// Bytes of an index or a sidecar.
    static let documentBytes = 32 << 20
    /// Tensors of one model, and names in any one JSON object.
    static let tensors = 65_536
    /// Dimensions of one tensor.
    static let dimensions = 8
    /// Files of one model.
    static let shards = 1_024
    /// Levels of nesting in JSON.
    static let nesting = 32
}
