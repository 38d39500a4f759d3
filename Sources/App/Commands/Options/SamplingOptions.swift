import ArgumentParser
import Messages
import Sampling
import StageExecution

/// How tokens are sampled.
struct SamplingOptions: ParsableArguments {
    @Option(
        name: .long,
        help: .init(
            "0 takes the likeliest token each time; higher is freer. (default: \(Self.model)1)", valueName: "number"))
    var temperature: Float?

    @Option(
        name: .long,
        help: .init(
            "Sample from so many of the likeliest tokens; 0: all. (default: \(Self.model)0)", valueName: "count"))
    var topK: Int?

    @Option(
        name: .long,
        help: .init(
            "Sample from the likeliest tokens that together have this probability. (default: \(Self.model)1)",
            valueName: "number"))
    var topP: Float?

    @Option(
        name: .long,
        help: .init(
            "Drop tokens less likely than this share of the likeliest. (default: \(Self.model)0)", valueName: "number"))
    var minP: Float?

    @Option(
        name: .long,
        help: .init(
            "Divide the logits of tokens already there by this; 1: off. (default: \(Self.model)1)", valueName: "number")
    )
    var repetitionPenalty: Float?

    @Option(
        name: .long, help: .init("Taken from the logits of tokens already written. (default: 0)", valueName: "number"))
    var presencePenalty: Float?

    @Option(
        name: .long,
        help: .init(
            "Taken from the logits of tokens already written, once for each time. (default: 0)", valueName: "number"))
    var frequencyPenalty: Float?

    @Option(
        name: .long, help: .init("ID:BIAS, added to the logit of a token; may be given again.", valueName: "id:bias"))
    var logitBias: [TokenBias] = []

    @Option(
        name: .long,
        help: .init(
            """
            The same seed gives the same text. Its noise goes by the token's position, so that a text continued in two \
            requests is the text of one; therefore one seed also gives related texts for prompts of equal length. \
            (default: a random one below 2^53, shown by --stats and --json)
            """, valueName: "seed"))
    var seed: UInt64?

    @Flag(name: .long, help: "Sample ids without text, too, which a padded vocabulary has.")
    var allowUnusedIds = false

    private static let model = "as the model's generation_config.json says, else "

    func validate() throws {
        if let topK, !(0...Int(UInt32.max)).contains(topK) { throw ValidationError("--top-k must be 0 or more") }
        do throws(SamplingError) {
            try SamplingParameters(requested.resolved()).validate()
        } catch {
            guard case .outOfRange(let field, let value, let allowed) = error else { throw ValidationError("\(error)") }
            throw ValidationError("\(Self.option(field)) is \(value), but must be \(allowed)")
        }
    }

    /// The option of a parameter: `--top-p` of `topP`.
    private static func option(_ field: String) -> String {
        "--" + field.reduce(into: "") { $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1) }
    }

    var requested: RequestedSampling {
        RequestedSampling(
            temperature: temperature, topK: topK.map { UInt32(clamping: $0) }, topP: topP, minP: minP,
            repetitionPenalty: repetitionPenalty, presencePenalty: presencePenalty, frequencyPenalty: frequencyPenalty,
            logitBias: logitBias.map { LogitBias(token: $0.token, bias: $0.bias) }, seed: seed,
            allowUnusedIDs: allowUnusedIds)
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
