import ArgumentParser
import Console
import Embedded
import GPT2
import InProcess
import Kernels
import ModelFiles
import Sessions

extension GPT2Size: ExpressibleByArgument {}
extension SyntheticModel.StoredType: ExpressibleByArgument {}

/// `paceline model synth`
struct ModelSynthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "synth",
        abstract: "Writes a GPT-2 with random weights: as large and as fast as a trained one, without a download.",
        discussion: """
            The directory gets config.json, the weights as safetensors, and GPT-2's vocab.json and merges.txt. The \
            weights have the distribution with which GPT-2's training began; the same size, type and seed give the same \
            bytes on every machine. Sizes: small 12 layers of width 768, medium 24 of 1024, large 36 of 1280, xl 48 of \
            1600. f16 is the default as it takes half the disk of f32, and random weights have nothing to lose by it.

            Example:
              paceline model synth --size xl -o models/random-xl
              paceline model synth --size small --layers 2 -o models/shallow
            """)

    @Option(name: .long, help: "The size of GPT-2.")
    var size: GPT2Size

    @Option(
        name: [.customShort("o"), .long],
        help: .init("The directory to write to; it is made where it is missing.", valueName: "directory"),
        completion: .directory)
    var output: String

    @Option(name: .long, help: .init("What the random weights are drawn from.", valueName: "seed"))
    var seed: UInt64 = 0

    @Option(name: .long, help: "How weights are stored.")
    var type: SyntheticModel.StoredType = .f16

    @Flag(name: .long, help: "Replace the model that is in the directory; other files there stay.")
    var force = false

    @Option(name: .long, help: .init("Another number of layers than the size has.", valueName: "count"))
    var layers: Int?

    @Option(name: .long, help: .init("Another width than the size has; the heads must divide it.", valueName: "count"))
    var width: Int?

    @Option(name: .long, help: .init("Another number of attention heads than the size has.", valueName: "count"))
    var heads: Int?

    @Option(name: .long, help: .init("The greatest number of positions.", valueName: "count"))
    var context: Int = 1024

    @Option(
        name: .long, help: .init("Threads that compute. (default: the cores this process may use)", valueName: "count"))
    var threads: Int?

    func validate() throws {
        func check(_ name: String, _ value: Int, _ limit: Int) throws {
            guard (1...limit).contains(value) else {
                throw ValidationError("--\(name) must be between 1 and \(limit)")
            }
        }
        try check("layers", layers ?? size.layerCount, GPT2Configuration.Limits.layerCount)
        try check("width", width ?? size.width, GPT2Configuration.Limits.width)
        try check("heads", heads ?? size.headCount, GPT2Configuration.Limits.headCount)
        try check("context", context, GPT2Configuration.Limits.contextLength)
        guard (width ?? size.width) % (heads ?? size.headCount) == 0 else {
            throw ValidationError(
                "\(heads ?? size.headCount) heads do not divide the width \(width ?? size.width): give --heads that do")
        }
        if let threads { try validateThreads(threads) }
    }

    func run() async throws {
        try Processor.requireSupported()
        let model = SyntheticModel(
            configuration: GPT2Configuration(
                layerCount: layers ?? size.layerCount, width: width ?? size.width, headCount: heads ?? size.headCount,
                contextLength: context),
            type: type, seed: seed)
        let threadCount = threads ?? ProcessorCount.available()
        let interrupt = Interruption()
        let interrupts = InterruptWatch { interrupt.request() }
        defer { interrupts.end() }
        try await runOnOwnThread("model synth") { [output, force] in
            let directory = try StagedModelDirectory(output, byteCount: model.byteCount, replacing: force)
            let bar = ProgressBar("writing random weights")
            defer { bar.finish() }
            try model.write(to: directory.staging, team: try ThreadTeam(threadCount: threadCount)) { done, total in
                bar.update(done, of: total)
                if interrupt.isRequested { throw RequestError("cancelled; nothing was written to \(output)") }
            }
            try directory.copy(["vocab.json", "merges.txt"], from: EmbeddedFiles.gpt2Tokenizer)
            try directory.commit()
        }
        try StandardOutput.writeLine(
            "\(output): \(model.parameterCount) parameters in \(type.rawValue), \(ByteCountText.text(model.byteCount)), "
                + "seed \(seed)")
    }
}
