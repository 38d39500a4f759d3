import Console
import Foundation

/// What `--endpoints-file` holds, as JSON: where a coordinator listens.
package struct EndpointsFile: Codable, Sendable {
    package let control: String
    package let clients: String

    package init(control: String, clients: String) {
        self.control = control
        self.clients = clients
    }

    /// What a file holds; nil where it is not there yet.
    package init?(contentsOf path: String) {
        guard let data = FileManager.default.contents(atPath: path),
            let file = try? JSONDecoder().decode(EndpointsFile.self, from: data)
        else { return nil }
        self = file
    }

    /// Replaces the file as a whole: who reads it finds all of it or nothing.
    /// - Throws: ``SupervisorError``.
    package func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            try encoder.encode(self).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw SupervisorError.endpointsFile(path, reason: SystemReason.text(error))
        }
    }
}
