/// What the arithmetic computes.
public enum Numerics {
    /// The version of the arithmetic: two processes of one version give the same bits for the same model and request.
    ///
    /// It is raised with every change that makes any number come out with other bits, on any processor and for any weight or
    /// cache type: of a kernel's order of sums, of a function's polynomial, of quantization and packing, of the noise and the
    /// steps of sampling. Workers and coordinators of different versions refuse each other, and every answer names it. The
    /// golden digests are then written anew; their test does not let them change while the version stays.
    public static let version: UInt32 = 1
}
