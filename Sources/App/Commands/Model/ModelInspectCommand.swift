import ArgumentParser
import Console
import GPT2
import InProcess
import ModelFiles
import Reports
import Sessions

/// `paceline model inspect`
struct ModelInspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Shows a model's configuration, tensors, sizes and digests.",
        discussion: """
            Checks that the files hold every tensor that the configuration asks for, in its shape. The digests are those \
            by which coordinator and workers know that they have the same model: of each layer, of embedding and head, \
            and of all together. They are of the values, so the same model has the same in whatever file or form it is. \
            Reads the weights once for them and keeps them beside the model; a packed model has them in its files.

            Example:
              paceline model inspect models/gpt2-xl
              paceline model inspect models/gpt2-xl --json
            """)

    @Argument(
        help: .init(
            "The model: its directory, or a file of weights. (default: the embedded demo model)", valueName: "path"),
        completion: .file())
    var directory: String?

    @OptionGroup var verifying: VerifyOption

    @Flag(
        name: .long, help: "Each tensor of each layer, and the digest of each layer; without, equal layers in one line."
    )
    var all = false

    @Flag(name: .long, help: "One JSON object.")
    var json = false

    func validate() throws {
        if all && json { throw ValidationError("--all is of the table; --json has everything: leave one out") }
    }

    func run() async throws {
        var options = ModelOptions()
        options.model = directory
        let path = try options.path()
        let report = try await runOnOwnThread("model inspect") { [verifying] in
            let model = try LocalModel(directory: path)
            try verifying.check(model)
            let bar = ProgressBar("reading the weights' digests")
            defer { bar.finish() }
            return try ModelReport(model) { bar.update($0, of: $1) }
        }
        if json { try JSONLine.write(report) } else { try StandardOutput.write(report.text(all: all)) }
    }
}
