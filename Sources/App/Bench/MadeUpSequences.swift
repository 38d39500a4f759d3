import GPT2
import Kernels

/// Sequences of made-up tokens, with cache blocks of their own.
struct MadeUpSequences {
    let count: Int
    let prompt: Int
    let positions: Int

    func slice(_ part: PromptPart, vocabulary: Int) -> SequenceSlice {
        SequenceSlice(
            start: part.positions.lowerBound, tokens: part.positions.map { token(part.sequence, $0, vocabulary) },
            blockTable: blockTable(part.sequence))
    }

    private func token(_ index: Int, _ position: Int, _ vocabulary: Int) -> Int32 {
        Int32((index * 7_919 + position * 104_729 + 17) % vocabulary)
    }

    private func blockTable(_ index: Int) -> [Int32] {
        let blocks = (positions - 1) / KeyValueCache.blockPositions + 1
        return (index * blocks..<(index + 1) * blocks).map(Int32.init)
    }
}
