/// Seeds for `SamplingParameters.seed`.
public enum Seed {
    /// A seed that nobody chose, from the system's generator.
    public static func random() -> UInt64 {
        UInt64.random(in: .min ... .max)
    }
}
