/// Tunes the number of batches in flight by measurement: now and then one batch more or one less is tried for a while, and
/// kept if more rows a second come through.
///
/// Two batches read all weights twice. On two machines they do so at the same time; two processes on one machine share
/// its memory. The best number is different for few sequences and for many, and for prompts, so each kind of load has its
/// own.
struct InFlightTuner: Sendable {
    /// Loads that are alike.
    struct Load: Hashable, Sendable {
        var hasPrompts: Bool
        /// The power of two that its decoding sequences reach.
        var magnitude: Int

        init(hasPrompts: Bool, decoding: Int) {
            self.hasPrompts = hasPrompts
            magnitude = decoding < 1 ? 0 : Int.bitWidth - decoding.leadingZeroBitCount
        }
    }

    /// Batches over which a rate is measured.
    private static let windowBatches = 12
    /// Windows before the first trial, and the most before the next one after trials that failed.
    private static let firstPause = 4
    private static let longestPause = 256
    /// How much better a trial has to be.
    private static let gain = 1.05
    /// A number is not tried if less than this part of the present rate is expected of it.
    private static let leastExpected = 0.7

    /// What is expected by what stages cost.
    struct Expectation {
        /// The best number in flight.
        var best: Int
        /// More than this never help.
        var most: Int
        /// The rate with one batch in flight, with two, and so on; empty if it is not known.
        var rates: [Double]

        func isWorthTrying(_ candidate: Int, insteadOf present: Int) -> Bool {
            guard (1...most).contains(candidate) else { return false }
            guard rates.indices.contains(candidate - 1), rates.indices.contains(present - 1) else { return true }
            return rates[candidate - 1] >= InFlightTuner.leastExpected * rates[present - 1]
        }
    }

    /// What is being done for a kind of load.
    private enum Phase {
        /// Windows until the next trial.
        case pause(Int)
        /// Another number is tried; `before` is the rate with the present one, in rows a millisecond.
        case trial(Int, before: Double)
        /// The present number is measured once more, because the machine may have become faster or slower.
        case check(Int, before: Double, during: Double)
    }

    private struct Finding {
        /// Nil as long as the expected number is the best one found.
        var found: Int?
        var phase = Phase.pause(InFlightTuner.firstPause)
        var nextPause = InFlightTuner.firstPause
        var triesMore = true
    }

    private struct Window {
        var load: Load
        var start: Double
        var batches = 0
        var rows = 0
    }

    private var findings: [Load: Finding] = [:]
    private var window: Window?
    /// Batches to come that were sent under another limit.
    private var unsettled = 0

    /// Batches that may be in flight, if `expected` is best by what stages cost and more than `most` never help.
    func limit(_ load: Load, expected: Int, most: Int) -> Int {
        let finding = findings[load] ?? Finding()
        var limit = finding.found ?? expected
        if case .trial(let other, _) = finding.phase { limit = other }
        return min(max(1, limit), max(1, most))
    }

    /// Whether the number was found by trying, and not only expected.
    func isFound(_ load: Load) -> Bool { findings[load]?.found != nil }

    /// A batch of so many rows came back, at `now` in milliseconds.
    mutating func note(_ load: Load, rows: Int, now: Double, expected: Expectation) {
        guard expected.most > 1 else { return }
        guard window?.load == load, unsettled == 0 else {
            unsettled = max(0, window?.load == load ? unsettled - 1 : 0)
            window = Window(load: load, start: now)
            return
        }
        window?.batches += 1
        window?.rows += rows
        guard let full = window, full.batches >= Self.windowBatches, now > full.start else { return }
        window = Window(load: load, start: now)
        conclude(load, rate: Double(full.rows) / (now - full.start), expected: expected)
    }

    private mutating func conclude(_ load: Load, rate: Double, expected: Expectation) {
        var finding = findings[load] ?? Finding()
        let present = finding.found ?? expected.best
        switch finding.phase {
        case .pause(let windows):
            let candidate = finding.triesMore ? present + 1 : present - 1
            finding.phase = .pause(max(0, windows - 1))
            if !expected.isWorthTrying(candidate, insteadOf: present) {
                finding.triesMore.toggle()
            } else if windows <= 1 {
                finding.phase = .trial(candidate, before: rate)
            }
        case .trial(let candidate, let before):
            finding.phase = .check(candidate, before: before, during: rate)
        case .check(let candidate, let before, let during):
            if during > Self.gain * (before + rate) / 2 {
                finding.found = candidate
                finding.nextPause = Self.firstPause
            } else {
                finding.nextPause = min(2 * finding.nextPause, Self.longestPause)
                finding.triesMore.toggle()
            }
            finding.phase = .pause(finding.nextPause)
        }
        findings[load] = finding
        if case .pause = finding.phase, finding.found ?? expected.best == present { return }
        unsettled = present + 1
    }
}
