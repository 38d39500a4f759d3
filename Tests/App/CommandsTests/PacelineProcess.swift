import Foundation
import TestSupport
import Testing

/// The embedded model.
let demoModel = Repository.demoModel

/// The `paceline` that was built with these tests: it lies beside the test bundle.
let paceline: URL = {
    let arguments = CommandLine.arguments
    let bundle = arguments.first { $0.hasSuffix(".xctest") } ?? arguments[0]
    return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("paceline")
}()

/// What a finished command left.
struct Finished {
    let status: Int32
    let output: String
    let errors: String

    /// Each line of the output as a JSON object.
    func jsonLines() throws -> [[String: Any]] {
        try output.split(separator: "\n").map { line in
            let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
            return try #require(value as? [String: Any])
        }
    }
}

/// A command under way.
// @unchecked: `process` is used for what is safe from any thread, and the pipes are read by one thread each.
final class RunningProcess: @unchecked Sendable {
    /// No command of these tests takes longer, by far, also where the machine has other work.
    private static let deadline = DispatchTimeInterval.seconds(300)

    private let process = Process()
    private let output: PipeReader
    private let errors: PipeReader

    /// `environment` adds to that of the tests.
    init(
        _ arguments: [String], program: URL = paceline, input: [UInt8]? = nil, environment: [String: String] = [:]
    ) throws {
        let outputPipe = Pipe()
        let errorPipe = Pipe()
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = outputPipe
        process.standardError = errorPipe
        let inputPipe = input.map { _ in Pipe() }
        process.standardInput = inputPipe ?? FileHandle.nullDevice
        output = PipeReader(outputPipe)
        errors = PipeReader(errorPipe)
        try process.run()
        if let input, let inputPipe {
            try inputPipe.fileHandleForWriting.write(contentsOf: Data(input))
            try inputPipe.fileHandleForWriting.close()
        }
    }

    var id: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    func send(signal: Int32) { kill(id, signal) }

    /// Waits until some output has come, and returns it.
    func firstOutput() async throws -> String {
        try await waitUntil("output of \(process.arguments ?? [])") {
            self.output.text.isEmpty ? nil : self.output.text
        }
    }

    /// What it has written so far, up to the last newline.
    var completeLines: String {
        let text = output.text
        return String(text[..<(text.lastIndex(of: "\n") ?? text.startIndex)])
    }

    /// What it has written to standard error so far.
    var errorText: String { errors.text }

    /// Waits for the end; one that takes too long is ended.
    func finish() async -> Finished {
        let process = process
        let timer = DispatchSource.makeTimerSource(queue: .global())
        timer.setEventHandler { kill(process.processIdentifier, SIGKILL) }
        timer.schedule(deadline: .now() + Self.deadline)
        timer.resume()
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                process.waitUntilExit()
                continuation.resume()
            }
        }
        timer.cancel()
        return Finished(status: process.terminationStatus, output: await output.all(), errors: await errors.all())
    }
}

/// Collects what comes through a pipe, so that its writer never waits.
// @unchecked: everything mutable is touched only with `condition` locked.
private final class PipeReader: @unchecked Sendable {
    private let condition = NSCondition()
    private var bytes = Data()
    private var ended = false

    init(_ pipe: Pipe) {
        Thread.detachNewThread { [self] in
            while case let piece = pipe.fileHandleForReading.availableData, !piece.isEmpty {
                condition.withLock { bytes.append(piece) }
            }
            condition.withLock {
                ended = true
                condition.broadcast()
            }
        }
    }

    var text: String { condition.withLock { String(decoding: bytes, as: UTF8.self) } }

    func all() async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in
                condition.lock()
                while !ended { condition.wait() }
                let text = String(decoding: bytes, as: UTF8.self)
                condition.unlock()
                continuation.resume(returning: text)
            }
        }
    }
}

/// Runs a command to its end.
func run(
    _ arguments: [String], input: [UInt8]? = nil, environment: [String: String] = [:]
) async throws -> Finished {
    try await RunningProcess(arguments, input: input, environment: environment).finish()
}

/// Something that was waited for did not come.
struct TimedOut: Error, CustomStringConvertible {
    let description: String
}

/// Asks again and again until there is an answer, for three minutes at most: a test that hangs shall end, one on a busy machine shall
/// not.
func waitUntil<Answer>(_ what: String, _ answer: () async throws -> Answer?) async throws -> Answer {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(180)
    while clock.now < deadline {
        if let answer = try await answer() { return answer }
        try await clock.sleep(for: .milliseconds(10))
    }
    throw TimedOut(description: "waited in vain for \(what)")
}
