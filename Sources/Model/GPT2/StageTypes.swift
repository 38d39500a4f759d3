import Kernels

// What the face of a stage names of the kernels, so that those who drive a stage need not know them.

/// Activations or logits, [rows, columns].
public typealias Activations = Matrix

/// How weights are packed.
public typealias PackedType = Kernels.PackedType

/// How keys and values are stored.
public typealias CacheType = Kernels.CacheType

/// The threads that compute a stage.
public typealias ThreadTeam = Kernels.ThreadTeam
