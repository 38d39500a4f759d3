import Bench
import Observe
import Testing

/// What the figures of `paceline bench cluster` are made of.
@Suite("Rates of streams")
struct StreamRatesTests {
    /// A request whose tokens came at these times.
    static func request(prompt: Int = 10, sent: Double = 0, times: [Double]) -> MeasuredRequest {
        var request = MeasuredRequest(promptTokens: prompt, sent: sent)
        for (token, time) in times.enumerated() { request.append([Int32(token)], at: time) }
        return request
    }

    @Test("one stream's rate is that of the tokens after its first; the whole counts from when it was sent")
    func oneStream() {
        let rates = StreamRates([Self.request(times: [2, 2.5, 3, 3.5, 4])])
        #expect(rates.decode == 2 && rates.lead == 0)
        #expect(rates.whole == 5.0 / 4)
    }

    @Test("only the time counts in which all streams run")
    func overlap() throws {
        // Both run from 3 to 5: one at 1 token a second then, the other at 2.
        let rates = StreamRates([
            Self.request(times: [1, 1.1, 1.2, 3, 4, 5]), Self.request(sent: 0.5, times: [3, 3.5, 4, 4.5, 5, 5.1, 5.2]),
        ])
        #expect(rates.decode == 3)
        #expect(rates.lead == 3)
        #expect(rates.whole == 13.0 / 5.2)
    }

    @Test("streams of one batch count in full wherever the window cuts their burst")
    func bursts() throws {
        let early = (0..<9).map { Double($0) }
        let late = early.map { $0 + 0.01 }
        let rate = try #require(StreamRates([Self.request(times: late), Self.request(times: early)]).decode)
        #expect(abs(rate - 2) < 1e-9)
    }

    @Test("there is no rate where a stream ended before another began, or had one token meanwhile")
    func noOverlap() {
        let apart = StreamRates([Self.request(times: [1, 2]), Self.request(times: [3, 4])])
        #expect(apart.decode == nil && apart.lead == 1)
        #expect(StreamRates([Self.request(times: [1, 9]), Self.request(times: [3, 4])]).decode == nil)
        #expect(StreamRates([Self.request(times: [1])]).decode == nil)
        #expect(StreamRates([]).decode == nil && StreamRates([]).whole == 0)
    }

    @Test("a comparison gives medians of paired ratios, and what each hop adds to a token")
    func comparison() throws {
        // Half, equal and a quarter: 10, 5 and 2 tokens a second in one process.
        let pairs = [(10.0, 5.0), (5.0, 5.0), (2.0, 0.5)].map { local, cluster in
            StreamComparison.Pair(
                local: StreamRates([Self.request(times: [1, 1 + 1 / local])]),
                cluster: StreamRates([Self.request(times: [1, 1 + 1 / cluster])]))
        }
        let comparison = StreamComparison(workers: 3, streams: 1, decode: 2, pairs: pairs)
        #expect(abs(try #require(comparison.decodeRatio) - 0.5) < 1e-9)
        #expect(abs(try #require(comparison.local?.decodeTokensPerSecond) - 5) < 1e-9)
        #expect(abs(try #require(comparison.cluster.decodeTokensPerSecond) - 5) < 1e-9)
        // 100, 0 and 1500 ms over four hops.
        #expect(abs(try #require(comparison.addedMillisecondsPerHop) - 25) < 1e-6)
        #expect(StreamComparison(workers: 3, streams: 2, decode: 2, pairs: pairs).addedMillisecondsPerHop == nil)
    }

    @Test("a cluster measured alone has no ratios, and a run without a rate leaves none to the median")
    func missing() {
        let measured = StreamRates([Self.request(times: [1, 2, 3])])
        let short = StreamRates([Self.request(times: [1])])
        let alone = StreamComparison(workers: 2, streams: 1, decode: 3, pairs: [.init(local: nil, cluster: measured)])
        #expect(alone.local == nil && alone.decodeRatio == nil && alone.wholeRatio == nil)
        #expect(alone.cluster.decodeTokensPerSecond == 1)
        let pairs = [
            StreamComparison.Pair(local: measured, cluster: measured), .init(local: measured, cluster: short),
        ]
        let comparison = StreamComparison(workers: 2, streams: 1, decode: 3, pairs: pairs)
        #expect(comparison.decodeRatio == nil && comparison.cluster.decodeTokensPerSecond == nil)
        #expect(comparison.wholeRatio != nil && comparison.local?.decodeTokensPerSecond == 1)
    }

    @Test("answers are compared token by token, and one that is shorter differs where it ends")
    func differences() {
        func answer(_ tokens: [Int32]) -> MeasuredRequest {
            var request = MeasuredRequest(promptTokens: 1, sent: 0)
            request.append(tokens, at: 1)
            return request
        }
        #expect(answer([1, 2, 3]).difference(from: answer([1, 2, 3])) == nil)
        #expect(answer([1, 2, 3]).difference(from: answer([1, 5, 3])) == 1)
        #expect(answer([1, 2]).difference(from: answer([1, 2, 3])) == 2)
        #expect(answer([]).difference(from: answer([4])) == 0)
    }
}
