import Client
import Messages
import Sessions

/// `paceline generate --interactive`: a prompt, its continuation, the next prompt.
struct InteractiveLoop {
    let command: GenerateCommand

    func run() async throws {
        let channel = try command.target.channel()
        var requestID: UInt64 = 0
        while let line = prompt(), !line.isEmpty {
            requestID += 1
            let run = GenerationRun(
                channel: channel, request: command.request(Array(line.utf8), requestID: requestID),
                writer: command.writer())
            do {
                _ = try await run.run()
            } catch let error as RequestError {
                // The next prompt may do better.
                StandardError.write("paceline: \(error)\n")
            }
        }
        await channel.close()
    }

    private func prompt() -> String? {
        if StandardError.isTerminal { StandardError.write("> ") }
        return readLine()
    }
}
