import Messages

/// What a message may hold at most; `docs/PROTOCOL.md` lists the same numbers. Whoever breaks one gets a ``WireError``.
public enum WireLimits {
    /// Frames of a message, the header included.
    public static let frames = 16
    /// Bytes of the header frame.
    public static let headerBytes = 16 << 20
    /// Bytes of one raw tensor frame.
    public static let tensorBytes = 64 << 20

    /// Bytes of a `string` field. Fields of type `bytes` are bounded by the header frame alone.
    public static let stringBytes = 64 << 10
    /// Numbers in one list: token ids, blocks, batch ids.
    public static let numbers = 4 << 20
    /// Slices of a batch, and sequences of its result.
    public static let slices = 4_096
    /// Block copies of a batch.
    public static let copies = 65_536
    /// Log-probabilities in one list.
    public static let tokenResults = 65_536
    /// Likeliest tokens reported at one place.
    public static let alternatives = 1_024
    /// Logit biases of one request.
    public static let logitBiases = 1_024
    /// Bytes of a bit set over the vocabulary.
    public static let vocabularyBits = 4 << 20
    /// Tokens of a model that end a text.
    public static let endTokens = Accepted.mostEndTokens
    /// Warnings in one answer.
    public static let warnings = Accepted.mostWarnings
    /// Stop strings, and stop tokens, of one request.
    public static let stops = 1_024
    /// Digests a worker may report.
    public static let digests = 65_536
    /// Measured speeds of one worker.
    public static let speeds = 64
    /// Workers in a status.
    public static let workers = 4_096
    /// Requests in a status.
    public static let requests = 65_536
    /// Pipelines in a status.
    public static let pipelines = 4_096
    /// Counters in a status.
    public static let counters = 256
    /// Stages that say when they had a batch.
    public static let timings = 512
    /// Batches in one `Trace`.
    public static let traceRecords = Trace.mostRecords

    /// Bytes that reading a header of so many bytes may allocate, all in all. A sub-message of two bytes becomes a hundred
    /// in memory, and protobuf-c allocates before anything can be counted; this is ample for every message within the
    /// limits above and keeps a hostile one from taking gigabytes.
    static func memory(headerBytes: Int) -> Int { 8 * headerBytes + (16 << 20) }
}
