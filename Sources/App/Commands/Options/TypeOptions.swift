import ArgumentParser
import Console
import GPT2
import InProcess
import Kernels
import ModelFiles

/// In which types a model is computed. They show in the numbers.
struct TypeOptions: ParsableArguments {
    @Option(
        name: .long,
        help: "How weights are kept: f32, bf16, f16, int8, int4. (default: f32, or as the model is packed)")
    var type: PackedType?

    @Option(
        name: .long,
        help: "How keys and values are kept: f32, f16. (default: f16 where weights are narrower than f32, else f32)")
    var kv: CacheType?

    /// The types for a model. Throws ``UsageError`` where it is packed in another.
    func types(of model: LocalModel) throws -> ModelTypes {
        if let packed = model.packedType, let type, type != packed {
            throw UsageError(
                "--type \(type.rawValue): the model is packed as \(packed.rawValue); pack it again, or leave the option out"
            )
        }
        let weights = model.packedType ?? type ?? .f32
        return ModelTypes(weights: weights, cache: kv ?? (weights == .f32 ? .f32 : .f16))
    }

    /// The options again, for a child process.
    var arguments: [String] {
        (type.map { ["--type", $0.rawValue] } ?? []) + (kv.map { ["--kv", $0.rawValue] } ?? [])
    }
}

/// Whether packed files are read whole before they are believed.
struct VerifyOption: ParsableArguments {
    @Flag(name: .long, help: "Of a packed model: read the weights and compare them with the files' SHA-256 first.")
    var verify = false

    /// Reads the model's files if asked to, behind a bar. Throws `ModelFileError` naming the file that is not right.
    func check(_ model: LocalModel) throws {
        guard verify else { return }
        guard model.packedType != nil else {
            throw UsageError(
                "--verify: \(model.directory) is not packed, and has no digests to compare with; leave the option out")
        }
        let bar = ProgressBar("verifying the weights")
        defer { bar.finish() }
        try model.verify { bar.update($0, of: $1) }
    }
}
