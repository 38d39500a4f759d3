import Scheduling
import TestSupport

extension SplitMix64 {
    /// One pipeline or two, of few stages and few blocks.
    mutating func pipelines() -> [PipelineDescription] {
        (0..<int(1...2)).map { _ in
            let stages = (0..<int(1...4)).map { _ in
                StageDescription(
                    host: int(0...2),
                    costs: chance(30)
                        ? RowCosts([])
                        : RowCosts([.init(rows: 1, milliseconds: 1), .init(rows: 8, milliseconds: Double(int(1...8)))]),
                    link: LinkDescription(latencyMilliseconds: Double(int(0...5))))
            }
            return PipelineDescription(blocks: int(0...14), stages: stages)
        }
    }

    /// Up to three sequences with one prompt, numbered from the one after `lastID`.
    mutating func requests(after lastID: SequenceID, context: Int) -> [SequenceRequest] {
        let count = int(1...context)
        // Few different tokens, so that prompts often begin alike.
        var tokens = (0..<count).map { Int32($0 % 5) }
        if chance(50) { tokens[int(0...count - 1)] = Int32(int(0...9)) }
        let copies = int(1...3)
        let client = ClientNumber(int(0...2))
        let priority = SequencePriority(rawValue: int(0...2)) ?? .normal
        let group = lastID + 1
        return (1...copies).map { number in
            let purpose: SequenceRequest.Purpose =
                chance(25)
                ? .score(firstRow: int(0...count - 1)) : .generate(maximumTokens: int(1...min(12, context - count + 1)))
            return SequenceRequest(
                id: lastID + SequenceID(number), tokens: tokens, purpose: purpose, client: client, priority: priority,
                group: chance(70) ? group : nil)
        }
    }
}
