import ArgumentParser
import Bench
import Capacity
import Client
import Console
import Foundation
import InProcess
import Kernels
import Messages
import Sessions
import Supervisor
import Transport
import Worker

/// Exit codes that mean something.
enum ExitStatus {
    static let failed: Int32 = 1
    static let usage: Int32 = 2
    /// EX_UNAVAILABLE of sysexits.h.
    static let noCoordinator: Int32 = 69
}

/// Turns any error a command ends with into one line on standard error and an exit code.
struct CommandFailure {
    let error: any Error
    /// Whether it was found in the arguments, before the command ran.
    let isOfArguments: Bool

    init(_ error: any Error, isOfArguments: Bool) {
        self.error = error
        self.isOfArguments = isOfArguments
    }

    var status: Int32 {
        switch error {
        case is UsageError, is ValidationError, is WorkersFileError, is ServedModelError, BenchError.doesNotFit,
            SupervisorError.endpointsFile, KernelsError.unknownInstructionSet, KernelsError.unsupportedProcessor,
            TransportError.notLoopback, TransportError.malformedEndpoint, WorkerError.unknownLayers:
            ExitStatus.usage
        case let error as RequestError where error.isBadRequest: ExitStatus.usage
        case ClientError.noCoordinator, TransportError.unresolved: ExitStatus.noCoordinator
        case SupervisorError.coordinatorEnded(let status), SupervisorError.workersEnded(let status): status
        default: ExitStatus.failed
        }
    }

    func exit(of root: (some ParsableCommand).Type) -> Never {
        let code = root.exitCode(for: error)
        // Help and version are no failures, unless nobody gets them.
        if code == .success { Self.show(root.fullMessage(for: error), of: root) }
        if let error = error as? OutputError, error.isBrokenPipe { BrokenPipe.endProcess() }
        if let code = error as? ExitCode { Foundation.exit(code.rawValue) }
        // The coordinator has said on the same standard error why it ended.
        if case SupervisorError.coordinatorEnded = error { Foundation.exit(status) }
        let line = isOfArguments ? Self.usageLine(root.message(for: error), of: root) : "\(error)"
        StandardError.write("paceline: \(line.printable)\n")
        Foundation.exit(isOfArguments ? ExitStatus.usage : status)
    }

    private static func show(_ text: String, of root: (some ParsableCommand).Type) -> Never {
        do {
            try StandardOutput.writeLine(text)
            try StandardOutput.close()
        } catch {
            CommandFailure(error, isOfArguments: false).exit(of: root)
        }
        Foundation.exit(0)
    }

    private static func usageLine(_ message: String, of root: (some ParsableCommand).Type) -> String {
        guard let tree = try? CommandTree(dump: root._dumpHelp()) else { return message }
        return UsageLine(message, arguments: Array(CommandLine.arguments.dropFirst()), tree: tree).text
    }
}
