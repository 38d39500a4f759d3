import Console
import Sessions

/// `paceline generate --interactive`: a prompt, its continuation, the next prompt.
enum InteractiveLoop {
    /// - Parameter answer: continues a prompt; where the request fails, the next may do better.
    static func run(_ answer: (String) async throws -> Void) async throws {
        while let line = prompt(), !line.isEmpty {
            do {
                try await answer(line)
            } catch let error as RequestError {
                StandardError.write("paceline: \(error)\n")
            }
        }
    }

    private static func prompt() -> String? {
        if StandardError.isTerminal { StandardError.write("> ") }
        return readLine()
    }
}
