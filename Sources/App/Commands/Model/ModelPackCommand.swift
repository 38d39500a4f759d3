import ArgumentParser
import Console
import Foundation
import GPT2
import InProcess
import Kernels
import ModelFiles
import Sessions

/// `paceline model pack`
struct ModelPackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack",
        abstract: "Writes a model with its weights as they are multiplied, so that workers start at once.",
        discussion: """
            The weights are rounded to the type and laid out in panels. A worker maps the files instead of reading them: \
            it starts in moments, and workers on one machine share the memory. int8 takes a quarter of f32's memory and \
            int4 a seventh, and a token takes that much less time. The numbers are those of --type with the model itself.

            Types: f32, bf16, f16, int8 (groups of 64), int4 (groups of 32).

            Example:
              paceline model pack models/gpt2-xl --type int8 -o models/gpt2-xl-int8
              paceline coordinator --model models/gpt2-xl-int8
            """)

    @Argument(
        help: .init(
            "The model: its directory, or a file of weights. (default: the embedded demo model)", valueName: "path"),
        completion: .file())
    var directory: String?

    @Option(
        name: .long,
        help: .init("The directory of the tokenizer, where it is not the model's.", valueName: "directory"),
        completion: .directory)
    var tokenizer: String?

    @Option(
        name: .long, help: "Of a nanoGPT checkpoint, which does not say it: gelu, gelu_new, relu, silu. (default: gelu)"
    )
    var activation: ActivationFunction?

    @Option(name: .long, help: "How weights are packed: f32, bf16, f16, int8, int4.")
    var type: PackedType

    @Option(
        name: [.customShort("o"), .long],
        help: .init("The directory to write to; it is made where it is missing.", valueName: "directory"),
        completion: .directory)
    var output: String

    @Flag(name: .long, help: "Replace the model that is in the directory; other files there stay.")
    var force = false

    @Option(
        name: .long, help: .init("Threads that compute. (default: the cores this process may use)", valueName: "count"))
    var threads: Int?

    func validate() throws {
        if let threads { try validateThreads(threads) }
    }

    func run() async throws {
        try Processor.requireSupported()
        var options = ModelOptions()
        (options.model, options.tokenizer, options.activation) = (directory, tokenizer, activation)
        let source = try options.open()
        guard canonicalPath(source.directory) != canonicalPath(output) else {
            throw UsageError("-o \(output): is the model itself; give another directory, for this one is still needed")
        }
        let packed = try PackedModel(source, type: type)
        let threadCount = threads ?? ProcessorCount.available()
        let interrupt = Interruption()
        let interrupts = InterruptWatch { interrupt.request() }
        defer { interrupts.end() }
        try await runOnOwnThread("model pack") { [output, force] in
            let directory = try StagedModelDirectory(output, byteCount: packed.byteCount, replacing: force)
            let bar = ProgressBar("packing weights")
            defer { bar.finish() }
            try packed.write(to: directory.staging, backend: try Backend(threadCount: threadCount)) { done, total in
                bar.update(done, of: total)
                if interrupt.isRequested { throw RequestError("cancelled; nothing was written to \(output)") }
            }
            if source.isNanoGPT {
                try source.configuration.write(to: directory.staging, type: "float32", endOfText: nil)
            } else {
                try directory.copy(["config.json", "generation_config.json"], from: source.directory)
            }
            try directory.copy(ModelDirectory.FileName.tokenizer, from: source.tokenizerDirectory)
            try directory.commit()
        }
        try StandardOutput.writeLine("\(output): packed as \(type.rawValue), \(ByteCountText.text(packed.byteCount))")
    }
}

/// A path without links and dots.
private func canonicalPath(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
}
