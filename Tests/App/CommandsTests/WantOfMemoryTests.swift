import Foundation
import GPT2
import InProcess
import Kernels
import Messages
import ModelFiles
import Testing

@Suite("Want of memory", .serialized)
struct WantOfMemoryTests {
    /// Limits the address space of a process to what it has, and so many bytes more.
    private func limit(_ process: RunningProcess, more bytes: UInt) async throws {
        let status = try String(contentsOfFile: "/proc/\(process.id)/statm", encoding: .utf8)
        let pages = try #require(status.split(separator: " ").first.flatMap { UInt($0) })
        let tool = try RunningProcess(
            ["--pid", "\(process.id)", "--as=\(pages * 4_096 + bytes):unlimited"],
            program: URL(fileURLWithPath: "/usr/bin/prlimit"))
        let finished = await tool.finish()
        try #require(finished.status == 0, "\(finished.errors)")
    }

    @Test("a worker in want of memory fails the batch and lives on")
    func batch() async throws {
        try await TestCluster.with(workers: 1) { cluster in
            #expect(try await cluster.client("generate", "A king", "--max-tokens", "5").status == 0)
            try await limit(cluster.workers[0], more: 2 << 20)
            let failed = try await cluster.client("generate", "A king", "--max-tokens", "5")
            #expect(failed.status == 1)
            #expect(failed.errors.contains("layers 0-7: no memory for a batch of"), "\(failed.errors)")
            try await limit(cluster.workers[0], more: 1 << 40)
            #expect(try await cluster.client("generate", "A king", "--max-tokens", "5").status == 0)
            #expect(cluster.workers[0].isRunning)
        }
    }

    @Test("in one process, too little for the blocks that are wanted makes fewer, and a warning")
    func inProcess() async throws {
        let types = ModelTypes(weights: .f32, cache: .f32)
        let session = try InProcessSession(
            model: try LocalModel(directory: demoModel), types: types, threads: 1, blocks: Int(Int32.max)
        ) { _, _ in }
        let request = Generate(
            requestID: 0, prompt: Prompt(content: .tokens([1])), maximumTokens: 3, ignoreEndOfText: true)
        var (tokens, warnings) = (0, [String]())
        for try await event in session.generate(request) {
            switch event {
            case .accepted(let accepted): warnings += accepted.warnings
            case .piece(let piece): tokens += piece.tokens.count
            default: break
            }
        }
        await session.close()
        #expect(tokens == 3)
        #expect(warnings.contains { $0.contains("of \(Int32.max) KV cache blocks") }, "\(warnings)")
    }

    @Test("what the system would not give is refused, and what it would is returned")
    func requirement() throws {
        #expect(throws: KernelsError.self) { try requireMemory(byteCount: 1 << 50, purpose: "too much") }
        for _ in 0..<100 { try requireMemory(byteCount: 1 << 30, purpose: "a moment") }
    }
}
