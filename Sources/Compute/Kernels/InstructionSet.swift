import CSIMD
import Glibc
import KernelsPortable

#if arch(x86_64)
    import KernelsAVX2
    import KernelsAVX512

    extension KernelsAVX2.Variant: KernelSet {}
    extension KernelsAVX512.Variant: KernelSet {}
#endif

extension KernelsPortable.Variant: KernelSet {}

/// A variant of the kernels, from the one that runs on any processor to the fastest.
package enum InstructionSet: String, Sendable, CaseIterable {
    case portable, avx2, avx512

    /// The environment variable that forces a variant.
    static let environmentVariable = "PACELINE_ISA"

    /// The kernels of this variant; call only if ``missing`` is empty.
    package var kernels: any KernelSet.Type {
        #if arch(x86_64)
            switch self {
            case .portable: KernelsPortable.Variant.self
            case .avx2: KernelsAVX2.Variant.self
            case .avx512: KernelsAVX512.Variant.self
            }
        #else
            KernelsPortable.Variant.self
        #endif
    }

    /// The features that the variant needs and that this processor or its operating system lacks.
    package var missing: [String] {
        #if arch(x86_64)
            switch self {
            case .portable: return []
            case .avx2: return Self.absent(of: Self.avx2Features)
            case .avx512: return Self.absent(of: Self.avx2Features + Self.avx512Features)
            }
        #else
            return self == .portable ? [] : ["x86-64"]
        #endif
    }

    /// The variants that this processor can run, the fastest last.
    package static let supported = allCases.filter(\.missing.isEmpty)

    /// The variant of this process: the one that the environment names, else the fastest that this processor can run.
    static let selected = selection(environment: getenv(environmentVariable).map { String(cString: $0) })

    /// The variant for a value of the environment variable; an empty value counts as none.
    package static func selection(environment name: String?) -> Result<InstructionSet, KernelsError> {
        guard let name, !name.isEmpty else { return .success(supported.last ?? .portable) }
        guard let forced = InstructionSet(rawValue: name) else { return .failure(.unknownInstructionSet(name)) }
        let missing = forced.missing
        return missing.isEmpty ? .success(forced) : .failure(.unsupportedProcessor(name, missing: missing))
    }

    #if arch(x86_64)
        // All features that the compiler may use for x86-64-v3, and for x86-64-v4 with VNNI.
        private static var avx2Features: [(String, Bool)] {
            [
                ("AVX2", csimd_cpu_has_avx2()), ("FMA", csimd_cpu_has_fma()), ("F16C", csimd_cpu_has_f16c()),
                ("BMI1", csimd_cpu_has_bmi()), ("BMI2", csimd_cpu_has_bmi2()), ("LZCNT", csimd_cpu_has_lzcnt()),
                ("MOVBE", csimd_cpu_has_movbe()),
            ]
        }

        private static var avx512Features: [(String, Bool)] {
            [
                ("AVX-512F", csimd_cpu_has_avx512f()), ("AVX-512BW", csimd_cpu_has_avx512bw()),
                ("AVX-512CD", csimd_cpu_has_avx512cd()), ("AVX-512DQ", csimd_cpu_has_avx512dq()),
                ("AVX-512VL", csimd_cpu_has_avx512vl()), ("AVX-512 VNNI", csimd_cpu_has_avx512vnni()),
            ]
        }

        private static func absent(of features: [(String, Bool)]) -> [String] { features.filter { !$0.1 }.map(\.0) }
    #endif
}
