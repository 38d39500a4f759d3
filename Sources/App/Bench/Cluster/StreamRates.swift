/// How fast streams were that began together.
package struct StreamRates: Equatable, Sendable {
    /// Tokens a second of all streams together, between the moment when all have their first token and the end of the
    /// first that ends: the sum of the rates at which each stream's tokens came within that time. nil where some stream
    /// had less than two tokens in it.
    package let decode: Double?
    /// All tokens ÷ time from the first request to the last token, the prompts' time included.
    package let whole: Double

    /// Tokens that some stream had after its first when the last stream had its first, at most.
    package let lead: Int

    package init(_ streams: [MeasuredRequest]) {
        let tokens = streams.reduce(0) { $0 + $1.tokens.count }
        let began = streams.map(\.sent).min() ?? 0
        let ended = streams.compactMap(\.times.last).max() ?? began
        whole = ended > began ? Double(tokens) / (ended - began) : 0
        // Empty where one ended before another began.
        let start = streams.compactMap(\.times.first).max() ?? 0
        let end = streams.compactMap(\.times.last).min() ?? 0
        let common = streams.map { stream in stream.times.filter { $0 >= start && $0 <= end } }
        decode = common.isEmpty ? nil : Self.sumOfRates(common)
        lead = max(0, (streams.map { stream in stream.times.count { $0 <= start } }.max() ?? 0) - 1)
    }

    /// Each stream counts by its own tokens: those of a batch come in a burst, which a common clock would cut in two.
    private static func sumOfRates(_ streams: [[Double]]) -> Double? {
        var rate = 0.0
        for times in streams {
            guard let first = times.first, let last = times.last, last > first else { return nil }
            rate += Double(times.count - 1) / (last - first)
        }
        return rate
    }
}
