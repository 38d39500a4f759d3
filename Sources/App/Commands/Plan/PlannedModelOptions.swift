import ArgumentParser
import Capacity
import Console
import Foundation
import GPT2
import InProcess
import Kernels
import ModelFiles

/// Which model is planned for: one there is, or a size of GPT-2.
struct PlannedModelOptions: ParsableArguments {
    @Option(
        name: .long,
        help: .init(
            "The model: its directory, or a file of weights. (default: a model of the file's size, else PACELINE_MODEL)",
            valueName: "path"), completion: .file())
    var model: String?

    @Option(name: .long, help: "A size of GPT-2 in place of a model: small, medium, large, xl.")
    var size: GPT2Size?

    @OptionGroup var typeOptions: TypeOptions

    func validate() throws {
        if model != nil, size != nil { throw ValidationError("give --model or --size, not both") }
    }

    /// The model's name, shape and types: of the directory or size asked for, or as the file says.
    func shape(_ file: WorkersFile) throws -> (String, GPT2Configuration, ModelTypes) {
        if model != nil || (size ?? file.size) == nil && EnvironmentVariable.model.value != nil {
            var options = ModelOptions()
            options.model = model
            let local = try LocalModel(directory: try options.path())
            let name = URL(fileURLWithPath: local.directory).standardizedFileURL.lastPathComponent
            return (name, local.configuration, try typeOptions.types(of: local))
        }
        guard let size = size ?? file.size else {
            throw UsageError("which model? Give --model, or --size, or say model: {size: xl} in \(file.file)")
        }
        let configuration = GPT2Configuration(
            layerCount: size.layerCount, width: size.width, headCount: size.headCount,
            contextLength: file.context ?? 1_024)
        let weights = typeOptions.type ?? file.type ?? .f32
        let cache = typeOptions.kv ?? file.cacheType ?? (weights == .f32 ? .f32 : .f16)
        return ("gpt2-\(size.rawValue)", configuration, ModelTypes(weights: weights, cache: cache))
    }
}
