import ArgumentParser
import Console
import Embedded
import Foundation
import ModelFiles

extension ActivationFunction: ExpressibleByArgument {}

/// Where the model's files are, and what they do not say themselves.
struct ModelOptions: ParsableArguments {
    @Option(
        name: .long,
        help: .init(
            """
            The model: a directory with config.json, weights and tokenizer, or a file of weights in it. (default: \
            PACELINE_MODEL, else the embedded demo model)
            """, valueName: "path"), completion: .file())
    var model: String?

    @Option(
        name: .long,
        help: .init("The directory of the tokenizer, where it is not the model's.", valueName: "directory"),
        completion: .directory)
    var tokenizer: String?

    @Option(
        name: .long, help: "Of a nanoGPT checkpoint, which does not say it: gelu, gelu_new, relu, silu. (default: gelu)"
    )
    var activation: ActivationFunction?

    /// The directory or file asked for, or the directory of the embedded model.
    func path() throws -> String {
        guard let path = model ?? EnvironmentVariable.model.value else { return EmbeddedFiles.demoModel }
        do throws(ModelFileError) {
            try ModelLocation.require(path)
        } catch {
            throw UsageError("\(model == nil ? EnvironmentVariable.model.rawValue : "--model") \(error)")
        }
        return path
    }

    /// Opens the model; reads no weights. Throws `ModelFileError`, `UsageError`.
    func open() throws -> LocalModel {
        var model = try LocalModel(directory: try path(), activation: activation)
        model.tokenizerDirectory = try tokenizerDirectory(of: model)
        return model
    }

    /// Where the tokenizer's files are; opens the model only where that does not show without.
    func tokenizerDirectory() throws -> String {
        if let tokenizer { return tokenizer }
        let path = try path()
        return ModelDirectory(path).hasTokenizer ? path : try open().tokenizerDirectory
    }

    private func tokenizerDirectory(of model: LocalModel) throws -> String {
        if let tokenizer { return tokenizer }
        let directory = ModelDirectory(model.directory)
        guard model.isNanoGPT, !directory.hasTokenizer else { return model.directory }
        let size = model.configuration.vocabularySize
        let reason =
            if FileManager.default.fileExists(atPath: directory.file("meta.pkl")) {
                "its meta.pkl holds a tokenizer as a program's object, which is not read"
            } else {
                "it has a vocabulary of \(size), which is not GPT-2's"
            }
        guard [50_257, 50_304].contains(size) else {
            throw UsageError("\(model.directory): \(reason); name the directory of its tokenizer with --tokenizer")
        }
        return EmbeddedFiles.gpt2Tokenizer
    }

    /// The options again, for a child process.
    var arguments: [String] {
        (tokenizer.map { ["--tokenizer", $0] } ?? []) + (activation.map { ["--activation", $0.rawValue] } ?? [])
    }
}
