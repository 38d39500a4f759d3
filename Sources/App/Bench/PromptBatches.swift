/// Some positions of one of several sequences.
package struct PromptPart: Equatable {
    /// Number of the sequence, from 0 on.
    package var sequence: Int
    package var positions: Range<Int>

    package init(sequence: Int, positions: Range<Int>) { (self.sequence, self.positions) = (sequence, positions) }
}

/// Prompts that come at the same time, cut into batches as the scheduler cuts them: in order, `rows` positions a batch,
/// the last of which may be a part of a prompt.
package func promptBatches(sequences: Int, prompt: Int, rows: Int) -> [[PromptPart]] {
    var batches: [[PromptPart]] = []
    var free = 0
    for sequence in 0..<sequences {
        var start = 0
        while start < prompt {
            if free == 0 {
                batches.append([])
                free = rows
            }
            let end = min(prompt, start + free)
            batches[batches.count - 1].append(PromptPart(sequence: sequence, positions: start..<end))
            free -= end - start
            start = end
        }
    }
    return batches
}
