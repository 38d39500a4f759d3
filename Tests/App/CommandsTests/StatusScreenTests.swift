import Console
import Messages
import Observe
import ObserveSupport
import Reports
import Testing

/// What `paceline status --watch` shows.
@Suite("A live table")
struct StatusScreenTests {
    @Test("the table shows pipelines in order, stages with their rates, and requests")
    func table() throws {
        var rates = StatusRates()
        rates.update(
            SampleStatus.status(
                uptime: 0,
                [SampleStatus.worker(SampleStatus.statistics(batches: 0, rows: 0, busy: 0, waiting: 0), clock: 0)]))
        var now = SampleStatus.status(
            uptime: 1_000,
            [
                SampleStatus.worker(nil, name: "spare"),
                SampleStatus.worker(
                    SampleStatus.statistics(batches: 4, rows: 40, busy: 800_000, waiting: 100_000, bytes: 9),
                    clock: 1_000_000),
            ])
        now.workers[0].stage = nil
        now.requests = [
            RequestStatus(requestID: 5, state: "decode", promptTokens: 12, sequences: 1, ageMilliseconds: 2_500) {
                $0.generatedTokens = 34
                $0.firstTokenMilliseconds = 321
                $0.priority = .high
                $0.tokensPerSecond = 17.25
                $0.client = "00ab"
            }
        ]
        rates.update(now)
        let lines = StatusScreen(now, rates).text.split(separator: "\n").map { line in
            line.split(separator: " ").joined(separator: " ")
        }
        #expect(
            lines.contains(
                "pipeline 0: 1 stages, 1 of at most 2 batches in flight (measured); 25 of 100 KV cache blocks in use, "
                    + "20 kept to be reused"))
        let stage = try #require(lines.firstIndex { $0.hasPrefix("0 a ready 0-23 80 % 10 % 3 200.0 40.0 ") })
        #expect(lines[stage].hasSuffix(" 25 %"))
        #expect(lines[stage + 1].hasPrefix("- spare"))
        #expect(lines.contains("5 00ab high decode 12 34 17.2 321 ms 2.5"))
    }

    @Test("a table that is too tall says how much of it is missing")
    func tall() {
        let lines = (1...30).map { StyledLine(text: "\($0)") }
        #expect(TerminalScreen.fitting(lines, rows: 30) == lines)
        let fitting = TerminalScreen.fitting(lines, rows: 10)
        #expect(fitting.count == 10)
        #expect(fitting.dropLast() == lines.prefix(9))
        #expect(fitting.last?.text == "and 21 more lines")
    }
}
