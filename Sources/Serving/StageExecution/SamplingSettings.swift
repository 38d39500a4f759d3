import Messages
import Sampling

extension SamplingParameters {
    /// Parameters as they travel.
    public init(_ wire: SamplingSettings) {
        self.init()
        temperature = wire.temperature
        topK = Int(wire.topK)
        topP = wire.topP
        minP = wire.minP
        repetitionPenalty = wire.repetitionPenalty
        presencePenalty = wire.presencePenalty
        frequencyPenalty = wire.frequencyPenalty
        logitBias = Dictionary(wire.logitBias.map { ($0.token, $0.bias) }, uniquingKeysWith: { $1 })
        seed = wire.seed
    }
}
