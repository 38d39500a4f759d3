internal import CWire
import Messages

extension SamplingSettings {
    /// With every number, so that no reader has to know defaults.
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__SamplingParameters> {
        let everything = RequestedSampling(
            temperature: temperature, topK: topK, topP: topP, minP: minP, repetitionPenalty: repetitionPenalty,
            presencePenalty: presencePenalty, frequencyPenalty: frequencyPenalty, logitBias: logitBias, seed: seed,
            allowUnusedIDs: allowUnusedIDs)
        return everything.encoded(in: arena)
    }
}

extension RequestedSampling {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__SamplingParameters> {
        arena.message(paceline__sampling_parameters__init) { message in
            (message.has_temperature, message.temperature) = optional(temperature)
            (message.has_top_k, message.top_k) = optional(topK)
            (message.has_top_p, message.top_p) = optional(topP)
            (message.has_min_p, message.min_p) = optional(minP)
            (message.has_repetition_penalty, message.repetition_penalty) = optional(repetitionPenalty)
            (message.has_presence_penalty, message.presence_penalty) = optional(presencePenalty)
            (message.has_frequency_penalty, message.frequency_penalty) = optional(frequencyPenalty)
            (message.n_logit_bias, message.logit_bias) = arena.messages(logitBias) { $0.encoded(in: arena) }
            (message.has_seed, message.seed) = optional(seed)
            (message.has_allow_unused_ids, message.allow_unused_ids) = flag(allowUnusedIDs)
        }
    }
}

extension LogitBias {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__LogitBias> {
        arena.message(paceline__logit_bias__init) { message in
            message.token = token
            message.bias = bias
        }
    }
}
