import ArgumentParser
import Foundation

/// Where the model's files are.
struct ModelOptions: ParsableArguments {
    @Option(name: .long, help: "The model's directory, in Hugging Face's layout. (default: the embedded demo model)")
    var model: String?

    /// The directory asked for, or that of the embedded model.
    func directory() throws -> String {
        if let model {
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: model, isDirectory: &isDirectory), isDirectory.boolValue else {
                throw UsageError("--model \(model): no such directory")
            }
            return model
        }
        guard let demo = EmbeddedModel.directory else {
            throw UsageError("the embedded model is not beside this program; name a model's directory with --model")
        }
        return demo
    }
}

/// The small model that comes with the program.
enum EmbeddedModel {
    /// `cluster/demo` of the checkout that the program was built in, or `share/paceline/demo` of where it is installed.
    static let directory: String? = {
        guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return nil
        }
        var folder = URL(fileURLWithPath: program).deletingLastPathComponent()
        while folder.path != "/" {
            for place in ["cluster/demo", "share/paceline/demo"] {
                let candidate = folder.appendingPathComponent(place).path
                if FileManager.default.fileExists(atPath: candidate + "/config.json") { return candidate }
            }
            folder.deleteLastPathComponent()
        }
        return nil
    }()
}
