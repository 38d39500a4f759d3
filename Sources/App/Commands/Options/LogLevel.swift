import ArgumentParser
import Console
import Logging

/// `--log-level`.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, notice, warning, error, critical

    /// A logger that writes to standard error, on a thread of its own.
    func logger(_ label: String) -> Logger {
        var logger = Logger(label: label) { StreamLogHandler(label: $0, stream: LogQueue.standardError) }
        logger.logLevel = Logger.Level(rawValue: rawValue) ?? .info
        return logger
    }
}
