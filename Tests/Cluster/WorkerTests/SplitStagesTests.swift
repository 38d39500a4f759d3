import Messages
import Testing
import Worker

@Suite("Stages in a row")
struct SplitStagesTests {
    @Test(
        "however the layers are cut, the results are the same, bit for bit",
        arguments: [[4], [1], [7], [2, 5], [1, 2, 3, 4, 5, 6, 7]])
    func same(cuts: [Int]) throws {
        let whole = try Row(cutAt: [])
        let split = try Row(cutAt: cuts)
        var batches = RandomBatches(seed: UInt64(cuts.count))
        for _ in 0..<12 {
            let batch = batches.next()
            guard !batch.slices.isEmpty else { continue }
            let result = try split.run(batch)
            #expect(try whole.run(batch) == result)
            #expect(result.sequences.allSatisfy { $0.error == nil })
        }
    }

    @Test("a sequence's results do not depend on what else is in its batches")
    func alone() throws {
        let together = try Row(cutAt: [3])
        let alone = try Row(cutAt: [])
        var batches = RandomBatches(seed: 77)
        for _ in 0..<8 {
            let batch = batches.next()
            guard !batch.slices.isEmpty else { continue }
            let result = try together.run(batch)
            for (slice, sequence) in zip(batch.slices, result.sequences) {
                #expect(try alone.run(Batch(batchID: 1, slices: [slice])).sequences == [sequence])
            }
        }
    }

    @Test("a block copied takes a sequence's past to another")
    func copies() throws {
        let row = try Row(cutAt: [5])
        let tokens = Models.tokens(17)
        let expected = try row.run(Batch(batchID: 1, slices: [Slice.prompt(1, tokens, block: 2).sampling()]))
        var slice = Slice.prompt(1, tokens, block: 30).sampling()
        slice.start = 16
        slice.tokens = [tokens[16]]
        let copied = try row.run(Batch(batchID: 1, slices: [slice], copies: [BlockCopy(from: 2, to: 30)]))
        #expect(copied == expected)
    }
}
