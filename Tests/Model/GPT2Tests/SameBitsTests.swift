import GPT2
import Kernels
import ModelFiles
import Testing

@Suite("The same numbers, bit for bit")
struct SameBitsTests {
    private func wholeSequence(_ fixture: Fixture, limit: Int = 70) throws -> (tokens: [Int32], bits: [[UInt32]]) {
        let tokens = Array(try fixture.reference().tokens.prefix(limit))
        return (tokens, try Pipeline(fixture).logits(tokens, chunks: [tokens.count]))
    }

    @Test("however a sequence is cut into batches", arguments: Fixture.allCases)
    func chunks(fixture: Fixture) throws {
        let (tokens, expected) = try wholeSequence(fixture)
        let pipeline = try Pipeline(fixture)
        for chunks in [[1], [3, 5, 1, 7], [17], [2, 31]] {
            #expect(try pipeline.logits(tokens, chunks: chunks) == expected, "chunks of \(chunks)")
        }
    }

    @Test("beside other sequences and alone", arguments: Fixture.allCases)
    func sideBySide(fixture: Fixture) throws {
        let (tokens, expected) = try wholeSequence(fixture)
        let pipeline = try Pipeline(fixture)
        let reversed = Array(tokens.reversed())
        let alone = try pipeline.logits(reversed, chunks: [reversed.count])
        let half = tokens.count / 2
        let tables = [Int32(10), 20, 30].map { Pipeline.blocks(for: tokens.count, from: $0) }
        func slice(_ tokens: [Int32], _ range: Range<Int>, _ table: Int) -> SequenceSlice {
            SequenceSlice(start: range.lowerBound, tokens: Array(tokens[range]), blockTable: tables[table])
        }
        let first = try pipeline.logits([
            slice(tokens, 0..<half, 0), slice(reversed, 0..<1, 1), slice(tokens, 0..<half + 1, 2),
        ]).rowBits
        #expect(Array(first[..<half]) == Array(expected[..<half]))
        #expect(first[half] == alone[0])
        #expect(Array(first[(half + 1)...]) == Array(expected[...half]))
        let second = try pipeline.logits([
            slice(reversed, 1..<tokens.count, 1), slice(tokens, half + 1..<half + 2, 2),
            slice(tokens, half..<half + 1, 0),
        ]).rowBits
        #expect(Array(second.dropLast(2)) == Array(alone[1...]))
        #expect(Array(second.suffix(2)) == [expected[half + 1], expected[half]])
    }

    @Test("in any number of stages", arguments: Fixture.allCases)
    func stages(fixture: Fixture) throws {
        let (tokens, expected) = try wholeSequence(fixture, limit: 40)
        let layers = try GPT2Configuration(directory: fixture.model).layerCount
        for stageCount in 1...layers {
            let pipeline = try Pipeline(fixture, stageCount: stageCount)
            #expect(try pipeline.logits(tokens, chunks: [29, 1]) == expected, "\(stageCount) stages")
        }
    }

    @Test("on any number of threads", arguments: Fixture.allCases)
    func threads(fixture: Fixture) throws {
        let (tokens, expected) = try wholeSequence(fixture)
        for threadCount in 1...5 {
            let pipeline = try Pipeline(fixture, threadCount: threadCount)
            #expect(try pipeline.logits(tokens, chunks: [50, 1]) == expected, "\(threadCount) threads")
        }
    }

    @Test("with every instruction set", arguments: Fixture.allCases)
    func instructionSets(fixture: Fixture) throws {
        let (tokens, expected) = try wholeSequence(fixture)
        for instructionSet in InstructionSet.supported {
            let pipeline = try Pipeline(fixture, threadCount: 3, instructionSet: instructionSet)
            #expect(try pipeline.logits(tokens, chunks: [37, 1, 9]) == expected, "\(instructionSet)")
        }
    }

    @Test("with keys and values of f16, which are other numbers than with f32", arguments: Fixture.allCases)
    func halfPrecision(fixture: Fixture) throws {
        let (tokens, single) = try wholeSequence(fixture)
        let expected = try Pipeline(fixture, cache: .f16).logits(tokens, chunks: [tokens.count])
        #expect(expected != single)
        for instructionSet in InstructionSet.supported {
            for chunks in [[1], [3, 5, 1, 7], [40]] {
                let pipeline = try Pipeline(fixture, cache: .f16, threadCount: 3, instructionSet: instructionSet)
                let found = try pipeline.logits(tokens, chunks: chunks)
                #expect(found == expected, "\(instructionSet), chunks of \(chunks)")
            }
        }
    }

    @Test("in a whole generation with every instruction set and any number of threads")
    func generation() throws {
        let prompt = try Fixture.demo.reference().prompt
        func generate(_ instructionSet: InstructionSet, threadCount: Int) throws -> [[UInt32]] {
            let pipeline = try Pipeline(.demo, threadCount: threadCount, instructionSet: instructionSet)
            let table = Pipeline.blocks(for: prompt.count + 24)
            var bits: [[UInt32]] = []
            var (start, tokens) = (0, prompt)
            while bits.count < prompt.count + 24 {
                let logits = try pipeline.logits([SequenceSlice(start: start, tokens: tokens, blockTable: table)])
                bits += logits.rowBits
                start += tokens.count
                tokens = [logits.argmax(row: logits.rows - 1)]
            }
            return bits
        }
        let expected = try generate(.portable, threadCount: 5)
        for instructionSet in InstructionSet.supported {
            for threadCount in instructionSet == .portable ? [1] : [1, 2, 3, 4, 5] {
                let found = try generate(instructionSet, threadCount: threadCount)
                #expect(found == expected, "\(instructionSet), \(threadCount) threads")
            }
        }
    }

    @Test("wherever the blocks lie", arguments: Fixture.allCases)
    func scatteredBlocks(fixture: Fixture) throws {
        let (tokens, expected) = try wholeSequence(fixture)
        let table: [Int32] = [63, 2, 40, 0, 17]
        #expect(try Pipeline(fixture).logits(tokens, chunks: [20, 3], blockTable: table) == expected)
    }

    @Test("after blocks were used for something else", arguments: [Fixture.demo, .fiveHeadsErf])
    func reusedBlocks(fixture: Fixture) throws {
        let (tokens, expected) = try wholeSequence(fixture)
        let pipeline = try Pipeline(fixture)
        _ = try pipeline.logits(tokens.reversed(), chunks: [tokens.count])
        #expect(try pipeline.logits(tokens, chunks: [9]) == expected)
    }

    @Test("when two sequences share a prefix and copy the block they both go on to write", arguments: Fixture.allCases)
    func copyOnWrite(fixture: Fixture) throws {
        let (tokens, expected) = try wholeSequence(fixture, limit: 33)
        let pipeline = try Pipeline(fixture, stageCount: min(2, GPT2Configuration(directory: fixture.model).layerCount))
        let prefix = 20
        var other = tokens
        other[prefix] = (other[prefix] + 1) % 257
        let expectedOther = try Pipeline(fixture).logits(other, chunks: [other.count])
        _ = try pipeline.logits(Array(tokens[..<prefix]), chunks: [prefix], blockTable: [5, 6])
        // Positions 16 to 19 are in block 6, which both need with different tokens behind them.
        let found = try pipeline.logits(
            [
                SequenceSlice(start: prefix, tokens: Array(tokens[prefix...]), blockTable: [5, 6, 7]),
                SequenceSlice(start: prefix, tokens: Array(other[prefix...]), blockTable: [5, 8, 9]),
            ], copies: [BlockCopy(from: 6, to: 8)]
        ).rowBits
        let count = tokens.count - prefix
        #expect(Array(found.prefix(count)) == Array(expected.suffix(count)))
        #expect(Array(found.suffix(count)) == Array(expectedOther.suffix(count)))
    }

    @Test("while measuring leaves the cache as it is")
    func measuring() throws {
        let (tokens, expected) = try wholeSequence(.oneHead, limit: 20)
        let pipeline = try Pipeline(.oneHead)
        let table = Pipeline.blocks(for: 20)
        _ = try pipeline.logits([SequenceSlice(start: 0, tokens: Array(tokens[..<19]), blockTable: table)])
        let times = try pipeline.stages[0].measure(rows: 70, repetitions: 3)
        #expect(times.millisecondsPerLayer > 0)
        #expect(try #require(times.headMilliseconds) > 0)
        let last = try pipeline.logits([SequenceSlice(start: 19, tokens: [tokens[19]], blockTable: table)])
        #expect(last.rowBits == [expected[19]])
    }
}
