import Messages

/// Why a stage could not run a batch; the line goes to whoever asked for it.
public struct BatchError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String
}

/// What a stage makes of a batch.
public enum StageOutput: Sendable, Equatable {
    /// For the next stage: [rows, width], f32, little-endian.
    case activations(ActivationShape, [UInt8])
    /// From the last stage.
    case result(BatchResult)
}
