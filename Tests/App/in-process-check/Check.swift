import Foundation
import InProcess
import Messages
import ModelFiles

/// Continues a text with the model in this process. A test looks at which libraries it is linked with.
@main
struct Check {
    static func main() async throws {
        let model = try LocalModel(directory: CommandLine.arguments[1])
        let session = try InProcessSession(
            model: model, types: ModelTypes(weights: .f32, cache: .f32), threads: 1, blocks: 1, loading: { _, _ in })
        let request = Generate(
            requestID: 0, prompt: Prompt(content: .text(Array(CommandLine.arguments[2].utf8))), maximumTokens: 4,
            parameters: RequestedSampling(temperature: 0))
        var text: [UInt8] = []
        for try await case .piece(let piece) in session.generate(request) { text += piece.text }
        await session.close()
        print(String(decoding: text, as: UTF8.self))
    }
}
