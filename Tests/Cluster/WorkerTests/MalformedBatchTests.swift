import Messages
import StageExecution
import Testing
import Worker

@Suite("Batches that do not fit a stage")
struct MalformedBatchTests {
    private func error(_ executor: StageExecutor, _ batch: Batch, _ activations: [UInt8]? = nil) -> String? {
        do throws(BatchError) {
            _ = try executor.run(batch, activations: activations)
            return nil
        } catch {
            return error.description
        }
    }

    private func batch(_ change: (inout Slice) -> Void) -> Batch {
        var slice = Slice.prompt(1, Models.tokens(20))
        change(&slice)
        return Batch(batchID: 1, slices: [slice])
    }

    @Test("slices out of bounds give one line that names the layers, and the next batch runs")
    func slices() throws {
        let executor = try Models.executor()
        let good = Batch(batchID: 1, slices: [Slice.prompt(1, Models.tokens(20)).sampling()])
        let before = try executor.result(good)
        let cases: [(String, Batch)] = [
            ("no tokens", Batch(batchID: 1)),
            ("slice 0 has no tokens", batch { $0.tokens = [] }),
            ("from position 4294967295", batch { $0.start = .max }),
            ("from position 512", batch { $0.start = 512 }),
            ("20 tokens from position 493", batch { $0.start = 493 }),
            ("513 tokens", batch { $0.tokens = Models.tokens(513) }),
            ("token 8192", batch { $0.tokens[3] = 8_192 }),
            ("token -1", batch { $0.tokens[3] = -1 }),
            ("token 2147483647", batch { $0.tokens[19] = .max }),
            ("0 blocks in its table, 2 needed", batch { $0.blockTable = [] }),
            ("1 blocks in its table, 2 needed", batch { $0.blockTable = [0] }),
            ("block 64, the cache has 64", batch { $0.blockTable = [0, 64] }),
            ("the cache has 64", batch { $0.blockTable = [.max, 1] }),
            ("the cache has 64", batch { $0.blockTable = [0, 1, 1 << 31] }),
            ("is written and used in another place", batch { $0.blockTable = [5, 5] }),
            ("more targets than rows", batch { $0 = $0.scoring(Models.tokens(21)) }),
            ("more targets than rows", batch { $0 = $0.scoring([1], firstRow: 20) }),
            ("more targets than rows", batch { $0 = $0.scoring([1], firstRow: .max) }),
            ("more targets than rows", batch { $0 = $0.scoring([], firstRow: 21) }),
        ]
        for (line, batch) in cases {
            let found = error(executor, batch)
            #expect(found?.contains(line) == true, "\(String(describing: found)) is not '\(line)'")
            #expect(found?.hasPrefix("layers 0-7: ") == true && found?.contains("\n") == false)
            let after = try executor.result(good)
            #expect(after == before)
        }
    }

    @Test("two sequences may not write to one block, and copies stay within the cache")
    func blocks() throws {
        let executor = try Models.executor()
        let slices = [Slice.prompt(1, Models.tokens(4), block: 3), .prompt(2, Models.tokens(4), block: 3)]
        #expect(error(executor, Batch(batchID: 1, slices: slices))?.contains("block 3") == true)
        for copy in [BlockCopy(from: 0, to: 64), BlockCopy(from: .max, to: 0), BlockCopy(from: 0, to: .max)] {
            let batch = Batch(batchID: 1, slices: [slices[0]], copies: [copy])
            #expect(error(executor, batch)?.contains("the cache has 64") == true)
        }
        let twice = [BlockCopy(from: 0, to: 9), BlockCopy(from: 1, to: 9)]
        #expect(error(executor, Batch(batchID: 1, slices: [slices[0]], copies: twice))?.contains("twice") == true)
    }

    @Test("activations of another shape than they say, or than the stage takes")
    func activations() throws {
        let executor = try Models.executor(4..<8)
        let good = [UInt8](repeating: 0, count: 2 * Models.width * 4)
        let slices = [Slice.prompt(1, [1, 2]).sampling()]
        func found(_ rows: UInt32, _ width: UInt32, _ bytes: [UInt8]?, type: TensorType = .f32) -> String? {
            let shape = ActivationShape(rows: rows, width: width, type: type)
            return error(executor, Batch(batchID: 1, slices: slices, activations: shape), bytes)
        }
        let width = UInt32(Models.width)
        #expect(found(2, width, good) == nil)
        #expect(found(2, width, nil) == "a batch came without activations")
        #expect(error(executor, Batch(batchID: 1, slices: slices), good) == "a batch came without activations")
        #expect(found(3, width, good)?.contains("are not [3, 192] f32") == true)
        #expect(found(2, width, Array(good.dropLast()))?.contains("1535 bytes") == true)
        #expect(found(2, width, good, type: .bf16)?.contains("are not") == true)
        #expect(found(.max, .max, good)?.contains("are not") == true)
        #expect(found(1 << 31, 1 << 31, [])?.contains("are not") == true)
        #expect(found(1, 2 * width, good)?.contains("1 rows of activations for 2 tokens") == true)
        #expect(found(4, width / 2, good)?.contains("4 rows of activations for 2 tokens") == true)
        let half = [UInt8](repeating: 0, count: Models.width * 4)
        #expect(found(2, width / 2, half)?.contains("96 wide, the model is 192") == true)
        #expect(found(0, width, [])?.contains("0 rows of activations") == true)
        #expect(found(2, 0, [])?.contains("0 wide") == true)
    }

    @Test("activations that are no numbers are found out in the first layer they meet", arguments: [0x7FC0, 0x7F80])
    func notFinite(upperHalf: Int) throws {
        let executor = try Models.executor(4..<8)
        var bytes = [UInt8](repeating: 0, count: Models.width * 4)
        (bytes[402], bytes[403]) = (UInt8(upperHalf & 255), UInt8(upperHalf >> 8))
        let shape = ActivationShape(rows: 1, width: UInt32(Models.width), type: .f32)
        let batch = Batch(batchID: 1, slices: [.prompt(1, [1])], activations: shape)
        #expect(error(executor, batch, bytes) == "layers 4-7: layer 4: an activation is infinite or not a number")
    }

    @Test("the first stage starts from tokens, whatever else came along")
    func firstStage() throws {
        let executor = try Models.executor(0..<2)
        let plain = Batch(batchID: 1, slices: [.prompt(1, [1, 2])])
        var odd = plain
        odd.activations = ActivationShape(rows: 9, width: 9, type: .f16)
        let expected = try executor.run(plain, activations: nil)
        #expect(try executor.run(odd, activations: [1, 2, 3]) == expected)
    }
}
