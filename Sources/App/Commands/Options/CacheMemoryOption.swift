import ArgumentParser
import Capacity
import Console
import Foundation

/// What a worker gives to the KV cache.
struct CacheMemoryOption: ParsableArguments {
    @Option(
        name: .long,
        help: .init(
            "Memory of each worker for the KV cache, for example 2G. (default: half of what the weights leave free)",
            valueName: "bytes"))
    var kvMemory: ByteCount?

    /// What no model's cache can do with.
    private static let least = 1 << 20

    func validate() throws {
        guard let kvMemory else { return }
        guard kvMemory.bytes >= Self.least else {
            throw ValidationError("--kv-memory \(kvMemory.bytes): at least 1M is needed; 2G is two gigabytes")
        }
        try check(workers: 1)
    }

    /// - Throws: `ValidationError` where so many workers would have more than this machine.
    func check(workers: Int) throws {
        let memory = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        guard let kvMemory, kvMemory.bytes > memory / workers else { return }
        let each = workers == 1 ? "" : " for each of \(workers) workers"
        throw ValidationError(
            "--kv-memory \(ByteCountText.text(kvMemory.bytes))\(each): this machine has \(ByteCountText.text(memory))")
    }

    /// The option again, for a worker that is a child process.
    var arguments: [String] { kvMemory.map { ["--kv-memory", "\($0.bytes)"] } ?? [] }
}
