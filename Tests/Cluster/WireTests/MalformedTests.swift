import Messages
import Testing
import Wire

@Suite("Malformed messages")
struct MalformedTests {
    private static func failure(body: UInt64, _ content: [UInt8], tensors: [[UInt8]] = []) -> WireError? {
        ReadingFailure.of([RawMessage.header(body: body, content)] + tensors)
    }

    @Test("a message needs a body that this version knows")
    func body() {
        #expect(ReadingFailure.of([RawMessage.envelope]) == .missingBody)
        #expect(Self.failure(body: 1000, []) == .missingBody)
    }

    @Test("required fields are required")
    func requiredFields() {
        #expect(ReadingFailure.of([RawMessage.number(1, 1)]) == .unreadableHeader(bytes: 2))
        #expect(Self.failure(body: 62, []) == .unreadableHeader(bytes: RawMessage.envelope.count + 3))
    }

    @Test("a prompt has text or tokens")
    func prompt() {
        let content = RawMessage.number(1, 1) + RawMessage.bytes(2, [])
        for body in [60, 61, 64] as [UInt64] {
            #expect(Self.failure(body: body, content) == .missingField("Prompt.content"))
        }
    }

    @Test("unknown values of enumerations are refused", arguments: [3, 1 << 31, UInt64.max])
    func enumerations(value: UInt64) {
        let low = UInt32(truncatingIfNeeded: value)
        let done =
            RawMessage.number(1, 1) + RawMessage.number(2, 0) + RawMessage.number(3, value) + [4 << 3 | 1]
            + [0, 0, 0, 0, 0, 0, 0, 0] + RawMessage.number(5, 0) + RawMessage.number(6, 0)
        #expect(Self.failure(body: 81, done) == .unknownValue(field: "Done.reason", value: low))
        let failure =
            RawMessage.number(1, 1) + RawMessage.number(2, value + (value == 3 ? 1 : 0)) + RawMessage.bytes(3, [])
        #expect(
            Self.failure(body: 83, failure)
                == .unknownValue(field: "Failure.code", value: low == 3 ? 4 : low))
        // Types go up to 4.
        let (type, lowType) = value == 3 ? (5, 5) : (value, low)
        let batch =
            RawMessage.number(1, 1) + RawMessage.number(4, 1) + RawMessage.number(5, 1) + RawMessage.number(6, type)
        #expect(Self.failure(body: 40, batch) == .unknownValue(field: "Batch.activation_type", value: lowType))
        let assignment = (1...5).flatMap { RawMessage.number($0, 1) } + RawMessage.number(6, 0)
        #expect(
            Self.failure(
                body: 13, assignment + RawMessage.number(7, type) + RawMessage.number(8, 0) + RawMessage.bytes(9, []))
                == .unknownValue(field: "Assignment.cache_type", value: lowType))
    }

    @Test("priorities are low, normal or high", arguments: [3, 1 << 31, UInt64.max])
    func priorities(value: UInt64) {
        let request = RawMessage.number(1, 1) + RawMessage.bytes(2, RawMessage.bytes(1, []))
        let low = UInt32(truncatingIfNeeded: value)
        #expect(
            Self.failure(body: 60, request + RawMessage.number(13, value))
                == .unknownValue(field: "Generate.priority", value: low))
        #expect(
            Self.failure(body: 61, request + RawMessage.number(8, value))
                == .unknownValue(field: "Score.priority", value: low))
        #expect(Self.failure(body: 60, request + RawMessage.number(13, 2)) == nil)
    }

    @Test("speeds and targets are finite and not negative", arguments: [-1, .infinity, .nan] as [Double])
    func amounts(value: Double) {
        var status = Samples.status
        status.stepMilliseconds = value
        #expect(
            ReadingFailure.of(.status(status))
                == .inconsistent(field: "Status.step_milliseconds", reason: "\(value) is no amount"))
        status.stepMilliseconds = nil
        status.requests[0].tokensPerSecond = value
        #expect(
            ReadingFailure.of(.status(status))
                == .inconsistent(field: "RequestStatus.tokens_per_second", reason: "\(value) is no amount"))
    }

    @Test("digests have 32 bytes")
    func digests() {
        let digest = GroupDigest(group: "head", sha256: [1, 2, 3])
        #expect(
            ReadingFailure.of(.ready(Ready(digests: [digest], weightBytes: 0, cacheBytes: 0)))
                == .wrongLength(field: "GroupDigest.sha256", bytes: 3, expected: 32))
        var status = Samples.status
        status.modelSHA256 = []
        #expect(
            ReadingFailure.of(.status(status)) == .wrongLength(field: "Status.model_sha256", bytes: 0, expected: 32))
        guard case .hello(var hello)? = Samples.control["hello"]?.body else { return }
        hello.configurationSHA256.append(0)
        #expect(
            ReadingFailure.of(.hello(hello))
                == .wrongLength(field: "Hello.configuration_sha256", bytes: 33, expected: 32))
    }

    @Test("a pinned layer range has both ends, in order")
    func pinnedLayers() {
        guard case .hello(var hello)? = Samples.control["hello"]?.body else { return }
        hello.pinnedLayers = nil
        let header = WireMessage(ControlMessage.hello(hello)).frames()[0]
        func failure(_ fields: [UInt8]) -> WireError? {
            // A second Hello in the same message takes the place of the first, so the fields go into a copy of it.
            let content = Array(header[(RawMessage.envelope.count + 3)...])
            return Self.failure(body: 10, content + fields)
        }
        #expect(failure([]) == nil)
        #expect(failure(RawMessage.number(12, 1)) == .missingField("Hello.last_layer"))
        #expect(failure(RawMessage.number(13, 1)) == .missingField("Hello.first_layer"))
        #expect(failure(RawMessage.number(12, 2) + RawMessage.number(13, 2)) == nil)
        #expect(
            failure(RawMessage.number(12, 2) + RawMessage.number(13, 1))
                == .inconsistent(field: "Hello.first_layer", reason: "2 is past last_layer 1"))
    }

    @Test("activations have a shape as a whole, and the raw frame that it says")
    func activations() {
        let batch = RawMessage.number(1, 1)
        let shape = (RawMessage.number(4, 2), RawMessage.number(5, 3), RawMessage.number(6, 1))
        let frame = [UInt8](repeating: 0, count: 12)
        #expect(Self.failure(body: 40, batch + shape.0 + shape.1 + shape.2, tensors: [frame]) == nil)
        #expect(Self.failure(body: 40, batch + shape.1 + shape.2) == .missingField("Batch.rows"))
        #expect(Self.failure(body: 40, batch + shape.0 + shape.2) == .missingField("Batch.width"))
        #expect(Self.failure(body: 40, batch + shape.0 + shape.1) == .missingField("Batch.activation_type"))
        let quantized = RawMessage.number(6, 3)
        let huge = batch + RawMessage.number(4, .max) + RawMessage.number(5, .max) + shape.2
        for (content, tensors) in [
            (batch + shape.0 + shape.1 + shape.2, []), (batch + shape.0 + shape.1 + shape.2, [frame, frame]),
            (batch + shape.0 + shape.1 + shape.2, [[1]]), (batch, [frame]), (huge, [frame]),
            // Weights only have these types.
            (batch + shape.0 + shape.1 + quantized, [frame]),
        ] {
            guard case .inconsistent(field: "Batch.rows", _)? = Self.failure(body: 40, content, tensors: tensors) else {
                Issue.record("\(tensors.map(\.count)) taken")
                continue
            }
        }
    }

    @Test("every alternative has a token and a log-probability")
    func alternatives() {
        let result =
            RawMessage.number(1, 1) + RawMessage.float(2, -1) + RawMessage.bytes(3, [1, 2])
            + RawMessage.bytes(4, [0, 0, 0, 0])
        let piece = RawMessage.number(1, 1) + RawMessage.number(2, 1) + RawMessage.bytes(3, result)
        #expect(
            Self.failure(body: 82, piece)
                == .inconsistent(
                    field: "TokenResult.alternative_tokens", reason: "2 tokens with 1 alternative_logprobs"))
    }

    @Test("errors are one line")
    func descriptions() {
        let errors: [WireError] = [
            .noHeaderFrame, .tooManyFrames(17), .headerTooLarge(bytes: 1), .tensorTooLarge(frame: 1, bytes: 2),
            .unreadableHeader(bytes: 3), .missingBody, .missingField("Prompt.content"),
            .unknownValue(field: "Done.reason", value: 9), .wrongLength(field: "x", bytes: 1, expected: 32),
            .stringTooLong(field: "x", bytes: 1), .tooMany(field: "x", count: 2, limit: 1),
            .inconsistent(field: "x", reason: "y"),
        ]
        for error in errors { #expect(!error.description.isEmpty && !error.description.contains("\n")) }
        #expect(
            WireError.unknownValue(field: "Done.reason", value: 9).description == "Done.reason has the unknown value 9")
    }
}
