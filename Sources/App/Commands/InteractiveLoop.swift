import Console
import Sessions

/// `paceline generate --interactive`: a prompt, its continuation, the next prompt.
enum InteractiveLoop {
    /// - Parameter answer: continues a prompt; where the request fails, the next may do better.
    static func run(_ answer: (String) async throws -> Void) async throws {
        let editor = LineEditor()
        if let hint = hint(editor) { StandardError.write(TextStyle.standardError.dim(hint) + "\n") }
        loop: while true {
            switch await line(editor) {
            case .end: break loop
            case .interrupted: continue
            case .line(let line) where line.allSatisfy(\.isWhitespace): continue
            case .line(let line):
                do {
                    try await answer(line)
                } catch let error as RequestError {
                    StandardError.write("paceline: \(error)\n")
                }
            }
        }
    }

    private static func line(_ editor: LineEditor) async -> LineEditor.Entry {
        guard editor.edits else { return await editor.line(prompt: "> ") }
        // Signals from elsewhere: the terminal is given back before the program ends.
        let signals = InterruptWatch { editor.stop() }
        defer { signals.end() }
        return await editor.line(prompt: "> ")
    }

    private static func hint(_ editor: LineEditor) -> String? {
        guard editor.isAtTerminal else { return nil }
        let editing = editor.edits ? "the arrow keys find earlier prompts" : "libedit2 would add editing and a history"
        return "Enter sends a prompt, ^C stops a continuation, ^D ends; \(editing)."
    }
}
