import ArgumentParser
import Capacity

/// What a worker gives to the KV cache.
struct CacheMemoryOption: ParsableArguments {
    @Option(
        name: .long,
        help: "Memory of each worker for the KV cache, for example 2G. (default: half of what the weights leave free)")
    var kvMemory: ByteCount?

    /// The option again, for a worker that is a child process.
    var arguments: [String] { kvMemory.map { ["--kv-memory", "\($0.bytes)"] } ?? [] }
}
