internal import CWire
import Messages

extension Batch {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__Batch> {
        arena.message(paceline__batch__init) { message in
            message.batch_id = batchID
            (message.n_slices, message.slices) = arena.messages(slices) { $0.encoded(in: arena) }
            (message.n_copies, message.copies) = arena.messages(copies) { $0.encoded(in: arena) }
            if let activations {
                (message.has_rows, message.rows) = (1, activations.rows)
                (message.has_width, message.width) = (1, activations.width)
                (message.has_activation_type, message.activation_type) = (1, activations.type.encoded)
            }
            (message.has_cancelled, message.cancelled) = flag(cancelled)
            message.error = arena.string(error)
            (message.n_timings, message.timings) = arena.messages(timings) { $0.encoded(in: arena) }
        }
    }
}

extension Slice {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__Slice> {
        arena.message(paceline__slice__init) { message in
            message.sequence_id = sequenceID
            message.index = index
            message.start = start
            (message.n_tokens, message.tokens) = arena.numbers(tokens)
            (message.n_block_table, message.block_table) = arena.numbers(blockTable)
            message.sample = sample?.encoded(in: arena)
            message.score = score?.encoded(in: arena)
        }
    }
}

extension SampleOutput {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__SampleOutput> {
        arena.message(paceline__sample_output__init) { message in
            message.parameters = parameters.encoded(in: arena)
            (message.n_history, message.history) = arena.numbers(history)
            (message.has_prompt_count, message.prompt_count) = optional(promptCount, default: 0)
            (message.has_alternatives, message.alternatives) = optional(alternatives, default: 0)
        }
    }
}

extension ScoreOutput {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__ScoreOutput> {
        arena.message(paceline__score_output__init) { message in
            message.first_row = firstRow
            (message.n_targets, message.targets) = arena.numbers(targets)
            (message.has_alternatives, message.alternatives) = optional(alternatives, default: 0)
        }
    }
}

extension BlockCopy {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__BlockCopy> {
        arena.message(paceline__block_copy__init) { message in
            message.from = from
            message.to = to
        }
    }
}

extension BatchResult {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__BatchResult> {
        arena.message(paceline__batch_result__init) { message in
            message.batch_id = batchID
            (message.n_sequences, message.sequences) = arena.messages(sequences) { $0.encoded(in: arena) }
            (message.has_cancelled, message.cancelled) = flag(cancelled)
            message.error = arena.string(error)
            (message.n_timings, message.timings) = arena.messages(timings) { $0.encoded(in: arena) }
        }
    }
}

extension MessageArena {
    func announcement(_ batchID: UInt64?) -> UnsafeMutablePointer<Paceline__Announcement> {
        message(paceline__announcement__init) { ($0.has_batch_id, $0.batch_id) = optional(batchID) }
    }
}

extension SequenceResult {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__SequenceResult> {
        arena.message(paceline__sequence_result__init) { message in
            message.sequence_id = sequenceID
            message.sampled = sampled?.encoded(in: arena)
            (message.n_scores, message.scores) = arena.messages(scores) { $0.encoded(in: arena) }
            message.error = arena.string(error)
        }
    }
}

extension TokenResult {
    func encoded(in arena: MessageArena) -> UnsafeMutablePointer<Paceline__TokenResult> {
        arena.message(paceline__token_result__init) { message in
            message.token = token
            message.logprob = logprob
            (message.n_alternative_tokens, message.alternative_tokens) = arena.numbers(alternatives.map(\.token))
            (message.n_alternative_logprobs, message.alternative_logprobs) = arena.numbers(alternatives.map(\.logprob))
        }
    }
}
