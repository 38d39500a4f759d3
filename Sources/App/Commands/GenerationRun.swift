import Client
import Messages
import Sessions

/// One `Generate` from the request to its last answer.
struct GenerationRun {
    enum Outcome { case done, cancelled }

    let channel: any RequestChannel
    let request: Generate
    let writer: any GenerationWriter

    /// Pieces shown before more are granted.
    private static let creditStep: UInt32 = 32

    /// Sends the request and shows what comes until all its sequences have ended. ^C cancels the request in the cluster
    /// and waits for its answer; a second one ends the program.
    /// - Throws: ``RequestError`` with the cluster's own words, `ClientError`.
    func run() async throws -> Outcome {
        let requestID = request.requestID
        let channel = channel
        channel.send(.generate(request))
        let interrupts = InterruptWatch { channel.send(.cancel(requestID: requestID)) }
        defer { interrupts.end() }
        var open = request.sequences
        var shown: UInt32 = 0
        var outcome = Outcome.done
        for try await reply in channel.replies {
            switch reply {
            case .piece(let piece) where piece.requestID == requestID:
                try writer.write(piece)
                shown += 1
                if shown == Self.creditStep {
                    channel.send(.credit(requestID: requestID, pieces: shown))
                    shown = 0
                }
            case .done(let done) where done.requestID == requestID:
                if done.reason == .cancelled { outcome = .cancelled }
                try writer.write(done)
                open -= 1
            case .failure(let failure) where failure.requestID == requestID:
                throw RequestError(failure.message)
            default: break
            }
            if open == 0 { break }
        }
        guard open == 0 else { throw RequestError("the connection ended before the answer was complete") }
        try writer.finish()
        return outcome
    }
}
