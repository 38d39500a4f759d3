import Kernels

extension PipelineStage {
    /// The variant of the kernels that stages run on this machine, for logs and status.
    public static var instructionSet: String { Processor.instructionSet }

    /// The version of the arithmetic that stages compute with.
    public static var numericsVersion: UInt32 { Numerics.version }
}
