import ArgumentParser
import Messages
import Sampling
import StageExecution

/// How tokens are sampled.
struct SamplingOptions: ParsableArguments {
    @Option(name: .long, help: "0 takes the likeliest token each time; higher is freer.")
    var temperature: Float = 1

    @Option(name: .long, help: "Draw from so many of the likeliest tokens; 0: all.")
    var topK: Int = 0

    @Option(name: .long, help: "Draw from the likeliest tokens that together have this probability.")
    var topP: Float = 1

    @Option(name: .long, help: "Drop tokens less likely than this share of the likeliest.")
    var minP: Float = 0

    @Option(name: .long, help: "Divide the logits of tokens already there by this; 1: off.")
    var repetitionPenalty: Float = 1

    @Option(name: .long, help: "Taken from the logits of tokens already written.")
    var presencePenalty: Float = 0

    @Option(name: .long, help: "Taken from the logits of tokens already written, once for each time.")
    var frequencyPenalty: Float = 0

    @Option(name: .long, help: "ID:BIAS, added to the logit of a token; may be given again.")
    var logitBias: [TokenBias] = []

    @Option(name: .long, help: "The same seed gives the same text. (default: drawn, and reported with --json)")
    var seed: UInt64?

    func validate() throws {
        do throws(SamplingError) {
            try SamplingParameters(parameters).validate()
        } catch {
            throw ValidationError("\(error)")
        }
    }

    var parameters: SamplingSettings {
        var parameters = SamplingSettings()
        parameters.temperature = temperature
        parameters.topK = UInt32(clamping: topK)
        parameters.topP = topP
        parameters.minP = minP
        parameters.repetitionPenalty = repetitionPenalty
        parameters.presencePenalty = presencePenalty
        parameters.frequencyPenalty = frequencyPenalty
        parameters.logitBias = logitBias.map { LogitBias(token: $0.token, bias: $0.bias) }
        parameters.seed = seed
        return parameters
    }
}

/// `--logit-bias 50256:-100`.
struct TokenBias: ExpressibleByArgument {
    let token: Int32
    let bias: Float

    init?(argument: String) {
        let parts = argument.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let token = Int32(parts[0]), token >= 0, let bias = Float(parts[1]) else { return nil }
        self.token = token
        self.bias = bias
    }
}
