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
    /// Bytes of a pickle, without the tensors' data.
    static let pickleBytes = 64 << 20
    /// Bytes of a name in a pickle.
    static let pickleNameBytes = 4_096
    /// Containers, tensors and other objects of a pickle.
    static let pickleObjects = 1 << 17
    /// Values in the containers of a pickle.
    static let pickleItems = 1 << 19
    /// Values and marks on the stack of a pickle, and values that it remembers.
    static let pickleStack = 1 << 18
    /// Values of a checkpoint's settings.
    static let settings = 1_024
    /// Bytes of a zip archive's directory.
    static let archiveDirectoryBytes = 16 << 20
    /// Files in a zip archive.
    static let archiveEntries = 1 << 16
    /// Names that are looked at in a directory.
    static let namesInDirectory = 4_096
}
