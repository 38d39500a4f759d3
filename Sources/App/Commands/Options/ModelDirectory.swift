import ArgumentParser
import Foundation

/// Where the model's files are.
struct ModelOptions: ParsableArguments {
    @Option(name: .long, help: "The model's directory, in Hugging Face's layout. (default: the embedded demo model)")
    var model: String?

    /// The directory asked for, or that of the embedded model.
    func directory() throws -> String { try Self.directory(model) }

    /// The same for an option that is not here.
    static func directory(_ model: String?) throws -> String {
        if let model {
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: model, isDirectory: &isDirectory), isDirectory.boolValue else {
                throw UsageError("--model \(model): no such directory")
            }
            return model
        }
        guard let demo = EmbeddedFiles.demoModel else {
            throw UsageError("the embedded model is not beside this program; name a model's directory with --model")
        }
        return demo
    }
}
