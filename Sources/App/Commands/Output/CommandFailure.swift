import ArgumentParser
import Bench
import Capacity
import Client
import Console
import Foundation
import InProcess
import Messages
import Supervisor
import Transport

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

    init(_ error: any Error) { self.error = error }

    var status: Int32 {
        switch error {
        case is UsageError, is ValidationError, is WorkersFileError, is ServedModelError, BenchError.doesNotFit,
            SupervisorError.endpointsFile:
            ExitStatus.usage
        case ClientError.noCoordinator, TransportError.unresolved: ExitStatus.noCoordinator
        default: ExitStatus.failed
        }
    }

    func exit(of root: (some ParsableCommand).Type) -> Never {
        let code = root.exitCode(for: error)
        // Help and version are no failures; and the parser's own errors know how to show the usage.
        if code == .success { root.exit(withError: error) }
        if let code = error as? ExitCode { Foundation.exit(code.rawValue) }
        if code == .validationFailure {
            StandardError.write(root.fullMessage(for: error) + "\n")
            Foundation.exit(ExitStatus.usage)
        }
        StandardError.write("paceline: \("\(error)".printable)\n")
        Foundation.exit(status)
    }
}
