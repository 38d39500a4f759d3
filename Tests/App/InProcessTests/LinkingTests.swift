import Foundation
import TestSupport
import Testing

/// A program that runs the model in its own process, built with these tests: it lies beside the test bundle.
@Suite("A model in the same process")
struct LinkingTests {
    private static let program: URL = {
        let arguments = CommandLine.arguments
        let bundle = arguments.first { $0.hasSuffix(".xctest") } ?? arguments[0]
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("in-process-check")
    }()

    @Test("a program that runs it links no socket library, and has no socket code in it")
    func libraries() throws {
        let libraries = try output(of: "/usr/bin/ldd", [Self.program.path])
        #expect(libraries.contains("libc.so"))
        #expect(!libraries.contains("zmq"))
        let code = try Data(contentsOf: Self.program)
        #expect(code.range(of: Data("zmq_ctx_new".utf8)) == nil)
    }

    @Test("such a program continues a text")
    func text() throws {
        let text = try output(of: Self.program.path, [Repository.demoModel, "Once upon a time"])
        #expect(text.count > 1)
    }

    private func output(of program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
    }
}
