internal import CWire
import Messages

extension SamplingSettings {
    /// What is absent is as `proto/` says.
    init(decoding message: Paceline__SamplingParameters) throws(WireError) {
        self = try RequestedSampling(decoding: message).resolved()
    }
}

extension RequestedSampling {
    init(decoding message: Paceline__SamplingParameters) throws(WireError) {
        self.init(
            temperature: optional(message.has_temperature, message.temperature),
            topK: optional(message.has_top_k, message.top_k), topP: optional(message.has_top_p, message.top_p),
            minP: optional(message.has_min_p, message.min_p),
            repetitionPenalty: optional(message.has_repetition_penalty, message.repetition_penalty),
            presencePenalty: optional(message.has_presence_penalty, message.presence_penalty),
            frequencyPenalty: optional(message.has_frequency_penalty, message.frequency_penalty),
            logitBias: try messages(
                message.logit_bias, message.n_logit_bias, "SamplingParameters.logit_bias",
                limit: WireLimits.logitBiases, LogitBias.init(decoding:)),
            seed: optional(message.has_seed, message.seed), allowUnusedIDs: message.allow_unused_ids != 0)
    }
}

extension LogitBias {
    init(decoding message: Paceline__LogitBias) {
        self.init(token: message.token, bias: message.bias)
    }
}
