import ArgumentParser
import Client
import Console
import GPT2
import InProcess
import Kernels
import ModelFiles
import Sessions

/// Where a request runs: in a cluster, or in this process.
struct TargetOptions: ParsableArguments {
    @OptionGroup var connection: ConnectionOptions

    @Flag(name: .long, help: "No cluster: run the whole model in this process.")
    var local = false

    @OptionGroup var modelOptions: ModelOptions

    @OptionGroup var typeOptions: TypeOptions

    @OptionGroup var verifying: VerifyOption

    @Option(
        name: .long,
        help: .init("With --local: threads that compute. (default: the cores this process may use)", valueName: "count")
    )
    var threads: Int?

    func validate() throws {
        let ofModel = modelOptions.arguments + typeOptions.arguments
        if !local && (modelOptions.model != nil || threads != nil || !ofModel.isEmpty || verifying.verify) {
            throw ValidationError(
                "--model, --tokenizer, --activation, --type, --kv, --verify and --threads go with --local; a cluster has "
                    + "its model already")
        }
        if local && connection.given != nil {
            throw ValidationError("--local runs the model in this process, and --coordinator names a cluster: give one of them")
        }
        if let threads { try validateThreads(threads) }
    }

    /// Throws `ValidationError` for a priority that would count for nothing.
    func refuse(_ priority: PriorityOption) throws {
        if local && priority.priority != nil {
            throw ValidationError("--priority is among the requests of a cluster; with --local there is one request")
        }
    }

    /// Runs work with a session, which is closed in the end: what the work cancelled is told to the cluster.
    func withSession<Result>(_ work: (any TextService) async throws -> Result) async throws -> Result {
        let session = try session()
        do {
            let result = try await work(session)
            await session.close()
            return result
        } catch {
            await session.close()
            throw error
        }
    }

    /// Opens the session; shows a bar while a local model is loaded.
    private func session() throws -> any TextService {
        guard local else { return ClientSession(try connection.coordinator) }
        try Processor.requireSupported()
        let model = try modelOptions.open()
        let types = try typeOptions.types(of: model)
        try verifying.check(model)
        let bar = ProgressBar("loading")
        return try InProcessSession(model: model, types: types, threads: threads ?? ProcessorCount.available()) {
            bar.update($0, of: $1)
            if $0 == $1 { bar.finish() }
        }
    }
}

func validateThreads(_ threads: Int) throws {
    guard (1...256).contains(threads) else { throw ValidationError("--threads must be between 1 and 256") }
}
