import ArgumentParser
import Engine

/// What ends a text before its maximum of tokens.
struct EndingOptions: ParsableArguments {
    @Option(name: .long, help: .init("End before this text; may be given again.", valueName: "text"))
    var stop: [String] = []

    @Option(name: .long, help: .init("End before the token with this id; may be given again.", valueName: "id"))
    var stopToken: [Int32] = []

    @Flag(name: .long, help: "Go on after the model's end tokens.")
    var ignoreEndOfText = false

    func validate() throws {
        let limits = RequestLimits()
        guard stop.count <= limits.stopStrings else {
            throw ValidationError("--stop may be given \(limits.stopStrings) times")
        }
        guard stop.allSatisfy({ (1...limits.stopStringBytes).contains($0.utf8.count) }) else {
            throw ValidationError("--stop must be a text of 1 to \(limits.stopStringBytes) bytes")
        }
        guard stopToken.count <= limits.stopTokens else {
            throw ValidationError("--stop-token may be given \(limits.stopTokens) times")
        }
        guard stopToken.allSatisfy({ $0 >= 0 }) else { throw ValidationError("--stop-token must be 0 or more") }
    }
}
