/// The processor this process runs on.
public enum Processor {
    /// The variant of the kernels in use, for logs and status: "portable", "avx2" or "avx512".
    public static var instructionSet: String { selected.rawValue }

    /// Throws ``KernelsError/unknownInstructionSet(_:)`` or ``KernelsError/unsupportedProcessor(_:missing:)`` if
    /// PACELINE_ISA names a variant that does not exist or that this processor cannot run.
    public static func requireSupported() throws(KernelsError) {
        _ = try InstructionSet.selected.get()
    }

    /// The kernels of this process.
    package static var kernels: any KernelSet.Type { selected.kernels }

    /// Falls back to the portable variant; ``requireSupported()`` reports the error.
    private static let selected = (try? InstructionSet.selected.get()) ?? .portable
}
