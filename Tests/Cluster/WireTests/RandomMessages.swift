import Messages
import TestSupport
import Wire

/// Random messages within the limits; numbers are as often small or extreme as in between.
struct RandomMessages {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    static let kinds = 31

    /// A message whose body is of kind `kind`, from 0 up to `kinds`.
    mutating func message(kind: Int) -> Sample {
        switch kind {
        case 0..<12: sample(control(kind))
        case 12..<14: sample(data(kind))
        case 14..<22: sample(request(kind))
        default: sample(reply(kind))
        }
    }

    private mutating func sample<Body: LinkMessage>(_ body: Body) -> Sample {
        var tensors: [[UInt8]] = []
        if case .batch(let batch) = body as? DataMessage {
            if let shape = batch.activations {
                tensors = [bytes(Int(shape.rows * shape.width) * (shape.type == .f32 ? 4 : 2))]
            }
        } else {
            tensors = list { $0.bytes() }
        }
        return Sample(
            WireMessage(
                body, incarnation: integer(), epoch: integer(), linkSequence: maybe { $0.integer() }, tensors: tensors,
                version: integer()))
    }

    private mutating func control(_ kind: Int) -> ControlMessage {
        switch kind {
        case 0: .hello(hello())
        case 1: .welcome(Welcome(heartbeatMilliseconds: integer(), version: integer(), workerID: bytes()))
        case 2: .refused(reason: string())
        case 3: .assignment(assignment())
        case 4:
            .ready(
                Ready(
                    digests: list { $0.digest() }, weightBytes: integer(), cacheBytes: integer(),
                    blockCount: maybe { $0.integer() }))
        case 5: .heartbeat(heartbeat())
        case 6: .measure
        case 7: .measured(list { $0.speed() })
        case 8: .cancelBatches(batchIDs: list { $0.integer() })
        case 9: .drain
        case 10: .bye(reason: maybe { $0.string() })
        default: .fault(reason: string(), fatal: bool())
        }
    }

    private mutating func data(_ kind: Int) -> DataMessage {
        if kind == 12 {
            return .batch(
                Batch(
                    batchID: integer(), slices: list { $0.slice() },
                    copies: list { BlockCopy(from: $0.integer(), to: $0.integer()) },
                    activations: maybe {
                        ActivationShape(
                            rows: .random(in: 0...4, using: &$0.random), width: 3, type: $0.activationType())
                    }, cancelled: bool(), error: maybe { $0.string() }, timings: list { $0.timing() }))
        }
        if bool() { return .announcement(batchID: maybe { $0.integer() }) }
        return .batchResult(
            BatchResult(
                batchID: integer(), sequences: list { $0.sequenceResult() }, cancelled: bool(),
                error: maybe { $0.string() }, timings: list { $0.timing() }))
    }

    private mutating func request(_ kind: Int) -> ClientRequest {
        switch kind {
        case 14: .generate(generate())
        case 15:
            .score(
                Score(
                    requestID: integer(), prompt: prompt(), model: maybe { $0.string() },
                    stride: maybe { $0.integer() },
                    beginWithEndOfText: bool(), alternatives: integer(), credit: integer(), priority: priority()))
        case 16: .cancel(requestID: integer())
        case 17: .credit(requestID: integer(), pieces: integer())
        case 18:
            bool() ? .tokenize(requestID: integer(), prompt: prompt()) : .waiting(requestIDs: list { $0.integer() })
        case 19: .detokenize(requestID: integer(), tokens: list { $0.integer() })
        case 20: .statusRequest(requestID: integer())
        default: .traceRequest(requestID: integer(), after: integer())
        }
    }

    private mutating func reply(_ kind: Int) -> ClientReply {
        switch kind {
        case 22:
            .piece(
                Piece(
                    requestID: integer(), index: integer(), tokenOffset: integer(), text: bytes(),
                    tokens: list { $0.integer() }, logprobs: list { $0.tokenResult() }))
        case 23:
            .done(
                Done(
                    requestID: integer(), index: integer(),
                    reason: [FinishReason.stop, .length, .cancelled].randomElement(using: &random)!, seed: integer(),
                    promptTokens: integer(), generatedTokens: integer(), isContextFull: .random(using: &random)))
        case 24:
            .scorePiece(
                ScorePiece(
                    requestID: integer(), tokenOffset: integer(), scores: list { $0.tokenResult() },
                    unscoredToken: maybe { $0.integer() }))
        case 25:
            .failure(
                Failure(
                    requestID: integer(), code: FailureCode(rawValue: .random(in: 0...3, using: &random))!,
                    message: string(), retryMilliseconds: maybe { $0.integer() }))
        case 26:
            .tokenized(
                Tokenized(requestID: integer(), tokens: list { $0.integer() }, warnings: list { $0.string() }))
        case 27: .detokenized(requestID: integer(), text: bytes())
        case 28: .status(status())
        case 29: .accepted(accepted())
        default: .trace(trace())
        }
    }

    mutating func integer<Number: FixedWidthInteger>() -> Number {
        let number = Number(truncatingIfNeeded: random.next())
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return 0
        case 1: return .max
        case 2: return .min
        case 3: return number & 0x7f
        default: return number
        }
    }

    mutating func real<Number: BinaryFloatingPoint>() -> Number where Number.RawSignificand: FixedWidthInteger {
        [0, 1, -.infinity, .infinity, .leastNonzeroMagnitude, .random(in: -10...10, using: &random)]
            .randomElement(using: &random)!
    }

    mutating func bool() -> Bool { .random(using: &random) }

    mutating func maybe<Value>(_ make: (inout Self) -> Value) -> Value? { bool() ? make(&self) : nil }

    mutating func list<Value>(_ make: (inout Self) -> Value) -> [Value] {
        (0..<Int.random(in: 0..<4, using: &random)).map { _ in make(&self) }
    }

    mutating func bytes(_ count: Int? = nil) -> [UInt8] {
        (0..<(count ?? .random(in: 0..<200, using: &random))).map { _ in integer() }
    }

    /// Any characters but NUL, at which a string would end.
    mutating func string() -> String {
        String(String.UnicodeScalarView(list { Unicode.Scalar($0.integer() | 1 as UInt16) ?? "é" }))
    }

    /// A type that activations may have.
    private mutating func activationType() -> TensorType { [.f32, .f16, .bf16].randomElement(using: &random)! }

    mutating func priority() -> RequestPriority { [.low, .normal, .high].randomElement(using: &random)! }

    mutating func elementType() -> TensorType { [.f32, .f16, .bf16, .int8, .int4].randomElement(using: &random)! }
}
