import Bench
import Observe
import TestSupport
import Testing

@Suite("Load of many clients")
struct LoadReportTests {
    private let ideal = FirstTokenIdeal(prefillTokensPerSecond: 100, stepSeconds: 0.5)

    @Test("a percentile is a value that was measured; of none it is 0")
    func percentiles() {
        let values = (1...100).map(Double.init).reversed()
        #expect(percentile(Array(values), 0.5) == 50)
        #expect(percentile(Array(values), 0.95) == 95)
        #expect(percentile(Array(values), 1) == 100)
        #expect(percentile([7], 0) == 7 && percentile([7], 0.95) == 7)
        #expect(percentile([], 0.5) == 0)
    }

    @Test("the ideal counts prompts whose first token is not there yet, whole, and its own")
    func ideals() {
        let requests = [
            // Alone: 1 s for its prompt and a step.
            StreamRatesTests.request(prompt: 100, sent: 0, times: [3]),
            // Behind the first: 1.5 s and a step.
            StreamRatesTests.request(prompt: 50, sent: 1, times: [5]),
            // Behind the second only: 0.6 s and a step.
            StreamRatesTests.request(prompt: 10, sent: 3, times: [5.2, 9]),
            // Behind none, for both have their first token.
            StreamRatesTests.request(prompt: 100, sent: 6, times: [7.5]),
        ]
        let expected: [Double] = [3 / 1.5, 4 / 2, 2.2 / 1.1, 1.5 / 1.5]
        let orders: [[MeasuredRequest]] = [requests, requests.reversed()]
        for order in orders {
            for (ratio, expected) in zip(ideal.ratios(order), expected) { #expect(abs(ratio - expected) < 1e-9) }
        }
        #expect(ideal.ratios(requests).count == 4)
    }

    @Test("a request that failed is ahead of others until it did, and has no ratio itself")
    func failedAhead() {
        var failed = MeasuredRequest(promptTokens: 300, sent: 0)
        failed.ended = 2
        let before = StreamRatesTests.request(prompt: 100, sent: 1, times: [5.5])
        let after = StreamRatesTests.request(prompt: 100, sent: 6, times: [7.5])
        #expect(ideal.ratios([failed, before, after]) == [4.5 / 4.5, 1])
    }

    @Test("prefill rate and step are medians of requests that ran alone")
    func alone() {
        let requests = [(2.0, 0.25), (4, 0.5), (5, 1)].map { first, step in
            StreamRatesTests.request(prompt: 100, times: [first, first + step, first + 2 * step])
        }
        let measured = FirstTokenIdeal(alone: requests)
        #expect(measured.prefillTokensPerSecond == 25 && measured.stepSeconds == 0.5)
    }

    @Test("tokens count while clients send, and a client's only in complete answers")
    func report() {
        var failed = StreamRatesTests.request(prompt: 30, sent: 1, times: [2, 3])
        failed.failure = "the queue is full"
        failed.ended = 3
        let report = LoadReport(
            byClient: [
                [
                    StreamRatesTests.request(prompt: 20, sent: 0, times: [1, 2, 3]),
                    StreamRatesTests.request(prompt: 40, sent: 3, times: [9, 11, 12]),
                ],
                [failed], [StreamRatesTests.request(prompt: 50, sent: 9, times: [12])],
            ], seconds: 10, ideal: ideal, memory: [])
        #expect(report.clients == 3 && report.requests == 4 && report.errors == 1)
        #expect(report.firstError == "the queue is full")
        #expect(report.tokensPerSecond == 0.6)
        #expect(report.promptTokensPerSecond == 9)
        #expect(report.firstTokenSeconds == Spread([1, 6, 1, 3]))
        #expect(report.leastTokensOfClient == 0 && report.medianTokensOfClient == 1)
    }

    @Test("the numbers of a seed are those of the published generator")
    func seeds() {
        for seed in [0, 1, 1_234_567, UInt64.max] {
            var numbers = SeededNumbers(seed: seed)
            var expected = SplitMix64(seed: seed)
            for _ in 0..<100 { #expect(numbers.next() == expected.next()) }
        }
        var numbers = SeededNumbers(seed: 1_234_567)
        #expect([numbers.next(), numbers.next()] == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973])
    }
}
