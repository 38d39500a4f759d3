import CSIMD

/// The processor this process runs on.
public enum Processor {
    /// The variant of the kernels in use, for logs and status.
    public static let instructionSet = "avx2"

    /// Throws ``KernelsError/unsupportedProcessor(missing:)`` where the kernels would end in an illegal instruction.
    public static func requireSupported() throws(KernelsError) {
        let features = [
            ("AVX2", csimd_cpu_has_avx2()), ("FMA", csimd_cpu_has_fma()), ("F16C", csimd_cpu_has_f16c()),
        ]
        let missing = features.filter { !$0.1 }.map(\.0)
        guard missing.isEmpty else { throw .unsupportedProcessor(missing: missing) }
    }
}
