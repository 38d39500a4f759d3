import Messages
import Testing
import Wire

@Suite("Limits")
struct LimitTests {
    @Test("there has to be a header frame, and not an empty one")
    func noHeader() {
        #expect(ReadingFailure.of([]) == .noHeaderFrame)
        #expect(ReadingFailure.of([[]]) == .unreadableHeader(bytes: 0))
    }

    @Test("sixteen frames are allowed, seventeen are not")
    func frameCount() {
        let message = WireMessage(ControlMessage.drain, tensors: Array(repeating: [], count: 15))
        #expect(ReadingFailure.of(message.frames()) == nil)
        #expect(ReadingFailure.of(message.frames() + [[]]) == .tooManyFrames(17))
    }

    @Test("a header may have 16 MiB and a tensor 64 MiB")
    func frameSizes() {
        let text = [UInt8](repeating: 0x61, count: WireLimits.headerBytes - 26)
        let largest = WireMessage(ClientReply.detokenized(requestID: 1, text: text)).frames()[0]
        #expect(largest.count == WireLimits.headerBytes)
        #expect(ReadingFailure.of([largest]) == nil)
        let larger = [UInt8](repeating: 0, count: WireLimits.headerBytes + 1)
        #expect(ReadingFailure.of([larger]) == .headerTooLarge(bytes: larger.count))
        let tensor = [UInt8](repeating: 0, count: WireLimits.tensorBytes + 1)
        #expect(
            ReadingFailure.of(WireMessage(ControlMessage.drain).frames() + [[], tensor])
                == .tensorTooLarge(frame: 2, bytes: tensor.count))
    }

    @Test("lists have limits")
    func lists() {
        let slice = Slice(sequenceID: 1, index: 0, start: 0, tokens: [], blockTable: [])
        #expect(ReadingFailure.of(.batch(Batch(batchID: 1, slices: Array(repeating: slice, count: 4096)))) == nil)
        #expect(
            ReadingFailure.of(.batch(Batch(batchID: 1, slices: Array(repeating: slice, count: 4097))))
                == .tooMany(field: "Batch.slices", count: 4097, limit: 4096))
        var generate = Generate(requestID: 1, prompt: Prompt(content: .text([])))
        generate.parameters.logitBias = Array(repeating: LogitBias(token: 1, bias: 1), count: 1025)
        #expect(
            ReadingFailure.of(.generate(generate))
                == .tooMany(field: "SamplingParameters.logit_bias", count: 1025, limit: 1024))
        generate.parameters.logitBias = []
        generate.stopStrings = Array(repeating: [], count: 1025)
        #expect(
            ReadingFailure.of(.generate(generate)) == .tooMany(field: "Generate.stop_strings", count: 1025, limit: 1024)
        )
        let numbers = [Int32](repeating: 1, count: WireLimits.numbers + 1)
        #expect(
            ReadingFailure.of(.tokenized(Tokenized(requestID: 1, tokens: numbers)))
                == .tooMany(field: "Tokenized.tokens", count: numbers.count, limit: WireLimits.numbers))
    }

    @Test("a batch has the timings of 512 stages, a trace 512 batches")
    func traces() {
        let timing = StageTiming(
            stage: 0, receivedMicroseconds: 1, startedMicroseconds: 2, endedMicroseconds: 3)
        func batch(_ count: Int) -> DataMessage {
            .batch(Batch(batchID: 1, timings: Array(repeating: timing, count: count)))
        }
        #expect(ReadingFailure.of(batch(512)) == nil)
        #expect(ReadingFailure.of(batch(513)) == .tooMany(field: "Batch.timings", count: 513, limit: 512))
        let result = BatchResult(batchID: 1, timings: Array(repeating: timing, count: 513))
        #expect(
            ReadingFailure.of(.batchResult(result)) == .tooMany(field: "BatchResult.timings", count: 513, limit: 512))
        let record = TraceRecord(batchID: 1, epoch: 1, pipeline: 0, sentMicroseconds: 1, receivedMicroseconds: 2) {
            $0.rows = 1
            $0.sequences = 1
            $0.promptRows = 0
            $0.decodeRows = 1
            $0.timings = Array(repeating: timing, count: 64)
        }
        func trace(_ count: Int) -> ClientReply {
            .trace(Trace(requestID: 1, next: 1, records: Array(repeating: record, count: count), clockMicroseconds: 0))
        }
        #expect(ReadingFailure.of(trace(512)) == nil)
        #expect(ReadingFailure.of(trace(513)) == .tooMany(field: "Trace.records", count: 513, limit: 512))
        let stage = TraceStage(epoch: 1, pipeline: 0, stage: 0, worker: "", firstLayer: 0, layerCount: 1)
        let stages = Trace(
            requestID: 1, next: 1, stages: Array(repeating: stage, count: 4_097), clockMicroseconds: 0)
        #expect(ReadingFailure.of(.trace(stages)) == .tooMany(field: "Trace.stages", count: 4_097, limit: 4_096))
        var status = Samples.status
        status.pipelines = Array(
            repeating: PipelineStatus(pipeline: 0, stages: 1, blocks: 1, freeBlocks: 1, batchesInFlight: 0),
            count: 4_097)
        #expect(ReadingFailure.of(.status(status)) == .tooMany(field: "Status.pipelines", count: 4_097, limit: 4_096))
    }

    @Test("an answer has 64 end tokens and 32 warnings, an assignment 4 MiB of bits")
    func acceptedRequests() {
        var accepted = Accepted(
            requestID: 1, promptTokens: 1, numericsVersion: 1, modelSHA256: Samples.digest(from: 0),
            tokenizerSHA256: Samples.digest(from: 1))
        accepted.endTokens = Array(repeating: 1, count: 64)
        accepted.warnings = Array(repeating: "a", count: 32)
        #expect(ReadingFailure.of(.accepted(accepted)) == nil)
        accepted.endTokens.append(1)
        #expect(ReadingFailure.of(.accepted(accepted)) == .tooMany(field: "Accepted.end_tokens", count: 65, limit: 64))
        accepted.endTokens = []
        accepted.warnings.append("a")
        #expect(ReadingFailure.of(.accepted(accepted)) == .tooMany(field: "Accepted.warnings", count: 33, limit: 32))
        accepted.warnings = []
        accepted.tokenizerSHA256 = [1]
        #expect(
            ReadingFailure.of(.accepted(accepted))
                == .wrongLength(field: "Accepted.tokenizer_sha256", bytes: 1, expected: 32))
        var assignment = Assignment(
            stage: 0, stageCount: 1, firstLayer: 0, layerCount: 1, blockCount: 1, successor: "")
        assignment.unusedIDs = [UInt8](repeating: 0, count: 4 << 20)
        #expect(ReadingFailure.of(.assignment(assignment)) == nil)
        assignment.unusedIDs?.append(0)
        #expect(
            ReadingFailure.of(.assignment(assignment))
                == .tooMany(field: "Assignment.unused_ids", count: 4_194_305, limit: 4_194_304))
    }

    @Test("strings have a limit")
    func strings() {
        #expect(ReadingFailure.of(.refused(reason: String(repeating: "a", count: 65_536))) == nil)
        #expect(
            ReadingFailure.of(.refused(reason: String(repeating: "a", count: 65_537)))
                == .stringTooLong(field: "Refused.reason", bytes: 65_537))
    }

    @Test("the largest lists that make sense are read within the memory allowed")
    func largeLists() {
        let result = TokenResult(token: 1, logprob: -1)
        let scores = Array(repeating: result, count: WireLimits.tokenResults)
        #expect(ReadingFailure.of(.scorePiece(ScorePiece(requestID: 1, tokenOffset: 0, scores: scores))) == nil)
        let numbers = [Int32](repeating: 50256, count: WireLimits.numbers)
        #expect(ReadingFailure.of(.tokenized(Tokenized(requestID: 1, tokens: numbers))) == nil)
    }

    @Test("sub-messages of two bytes do not take gigabytes")
    func bomb() {
        let pairs: [UInt8] = Array(repeating: [7 << 3 | 2, 0], count: 8_000_000).flatMap { $0 }
        let generate = RawMessage.number(1, 1) + RawMessage.bytes(2, RawMessage.bytes(1, [])) + pairs
        let frame = RawMessage.header(body: 60, generate)
        #expect(ReadingFailure.of([frame]) == .unreadableHeader(bytes: frame.count))
    }

    @Test("merging the same field again and again comes to an end")
    func repeatedMerging() {
        let bias = RawMessage.bytes(8, RawMessage.number(1, 1) + RawMessage.float(2, 1))
        let parameters = RawMessage.bytes(5, bias)
        let generate = RawMessage.number(1, 1) + RawMessage.bytes(2, RawMessage.bytes(1, []))
        let frame = RawMessage.header(body: 60, generate + Array(repeating: parameters, count: 500_000).flatMap { $0 })
        #expect(ReadingFailure.of([frame]) == .unreadableHeader(bytes: frame.count))
    }

    @Test("whatever little memory there is, reading ends in an error or in the message", arguments: [0, 200])
    func littleMemory(start: Int) throws {
        for name in ["batch", "batch-result", "generate", "hello", "status", "trace"] {
            let sample = try #require(Samples.messages[name])
            var memory = start
            while true {
                guard let frames = try? sample.rewrittenWithin(sample.frames, memory) else {
                    memory += 7
                    continue
                }
                #expect(frames == sample.frames)
                break
            }
            #expect(memory > 500 && memory < 16_384, "\(name)")
        }
    }
}
