import Kernels

// What the face of a stage names of the kernels, so that those who drive a stage need not know them.

/// Activations or logits, [rows, columns].
public typealias Activations = Matrix

/// How weights are packed.
public typealias PackedType = Kernels.PackedType

/// How keys and values are stored.
public typealias CacheType = Kernels.CacheType

/// Threads that share work.
public typealias ThreadTeam = Kernels.ThreadTeam

/// The threads and kernels that compute a stage.
public typealias Backend = Kernels.Backend
