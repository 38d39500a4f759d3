import ArgumentParser
import Console
import Foundation
import Transport

/// Variables of the environment that stand for an option where that is not given. An empty one is none.
enum EnvironmentVariable: String {
    case coordinator = "PACELINE_COORDINATOR"
    case model = "PACELINE_MODEL"
    case log = "PACELINE_LOG"

    var value: String? { ProcessInfo.processInfo.environment[rawValue].flatMap { $0.isEmpty ? nil : $0 } }

    /// The address that clients dial: as for --coordinator, or without its port.
    /// - Throws: ``UsageError`` that names the variable.
    static func coordinator(defaultPort: Int) throws -> Endpoint? {
        guard let text = coordinator.value else { return nil }
        if let endpoint = Endpoint(argument: text) ?? Endpoint(argument: "\(text):\(defaultPort)") { return endpoint }
        throw UsageError("\(coordinator.rawValue) is \(text): expected tcp://HOST:PORT or HOST")
    }

    /// - Throws: ``UsageError`` that names the variable.
    static func logLevel() throws -> LogLevel? {
        guard let text = log.value else { return nil }
        if let level = LogLevel(rawValue: text) { return level }
        let known = LogLevel.allCases.map(\.rawValue)
        throw UsageError(
            "\(log.rawValue) is \(text): expected \(known.dropLast().joined(separator: ", ")) or \(known.last ?? "")")
    }
}
