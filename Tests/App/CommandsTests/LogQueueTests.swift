import Console
import Foundation
import Testing

@Suite("A log that nobody reads", .serialized)
struct LogQueueTests {
    /// A pipe into which nothing fits any more.
    private struct FullPipe {
        let reading: Int32
        let writing: Int32

        init(path: String? = nil) throws {
            var ends: [Int32] = [0, 0]
            if let path {
                try #require(mkfifo(path, 0o600) == 0)
                ends = [open(path, O_RDWR), open(path, O_RDWR)]
            } else {
                try #require(pipe(&ends) == 0)
            }
            (reading, writing) = (ends[0], ends[1])
            try #require(reading >= 0 && fcntl(writing, F_SETFL, O_NONBLOCK) == 0)
            while write(writing, "x", 1) == 1 {}
            // Back to what a program expects of its standard error.
            _ = fcntl(writing, F_SETFL, 0)
        }

        func close() {
            Glibc.close(reading)
            Glibc.close(writing)
        }
    }

    @Test("holds up nobody; what did not fit is counted, and the rest is in order")
    func drops() throws {
        let pipe = try FullPipe()
        let queue = LogQueue(descriptor: pipe.writing, capacity: 1_000)
        // Ten bytes each.
        for number in 0..<1_000 { queue.write("line \(1_000 + number)\n") }
        #expect(!queue.flush(within: .milliseconds(1)))
        let lines = try read(pipe.reading, until: 1_000).split(separator: "\n")
        let kept = lines.filter { $0.hasPrefix("line ") }
        #expect((100...200).contains(kept.count))
        #expect(kept == kept.sorted() && kept.first == "line 1000")
        #expect(lines.last?.hasSuffix(" lines of the log were dropped") == true)
        queue.write("afterwards\n")
        #expect(queue.flush(within: .seconds(60)))
        pipe.close()
    }

    /// Reads until so many lines have come or were said to be dropped; without what filled the pipe.
    private func read(_ descriptor: Int32, until wanted: Int) throws -> String {
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            let told = lines.map { $0.hasPrefix("line ") ? 1 : Int($0.split(separator: " ").first ?? "") ?? 0 }
            if told.reduce(0, +) == wanted { return text }
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            try #require(count > 0)
            text += String(decoding: buffer[..<count].filter { $0 != UInt8(ascii: "x") }, as: UTF8.self)
        }
    }

    @Test("a cluster whose standard error is full serves, answers and ends")
    func fullStandardError() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        let pipe = try FullPipe(path: path)
        defer {
            pipe.close()
            unlink(path)
        }
        let finished = try await ShellCoordinator.with(
            ":", redirecting: "2>\(path)", options: ["--log-level", "trace"]
        ) { coordinator in
            let worker = try RunningProcess(
                [
                    "-c", "exec \"$0\" \"$@\" 2>\(path)", paceline.path, "worker", "--coordinator", coordinator.control,
                    "--threads", "1", "--log-level", "trace",
                ], program: URL(fileURLWithPath: "/bin/sh"))
            let ready = try await run(["status", "--wait", "180", "--coordinator", coordinator.clients])
            #expect(ready.status == 0, "\(ready.errors)")
            let answer = try await run([
                "generate", "A king", "--max-tokens", "5", "--coordinator", coordinator.clients,
            ])
            #expect(answer.status == 0, "\(answer.errors)")
            worker.send(signal: SIGTERM)
            #expect(await worker.finish().status == 0)
        }
        #expect(finished.status == 0)
    }
}
