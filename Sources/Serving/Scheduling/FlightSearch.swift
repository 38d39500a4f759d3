/// How many batches are best under way at once, found by trying: now and then one more or one less is tried for a while,
/// and kept where more rows come through in a second.
///
/// Two batches read all weights twice. On two machines they do so side by side; two processes on one machine share its
/// memory. What is better is different for few sequences and many, and for prompts; so each kind of load has its own.
struct FlightSearch: Sendable {
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
    /// Windows before the first trial, and before the next after many that failed.
    private static let firstPause = 4
    private static let longestPause = 256
    /// A trial has to be so much better.
    private static let gain = 1.05
    /// One of which so much less is expected is not worth it.
    private static let leastExpected = 0.7

    /// Where a search stands.
    private enum Phase {
        /// Windows until the next trial.
        case pause(Int)
        /// Another number is tried; rows a millisecond with the present one before.
        case trial(Int, before: Double)
        /// The present number once more, for the machine may have become faster or slower meanwhile.
        case check(Int, before: Double, during: Double)
    }

    private struct Finding {
        /// nil: what is expected.
        var found: Int?
        var phase = Phase.pause(FlightSearch.firstPause)
        var nextPause = FlightSearch.firstPause
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
    /// Batches that still belong to another number in flight.
    private var unsettled = 0

    /// Batches that may be under way, where `expected` is best by what stages cost, and more than `most` never help.
    func limit(_ load: Load, expected: Int, most: Int) -> Int {
        let finding = findings[load] ?? Finding()
        var limit = finding.found ?? expected
        if case .trial(let other, _) = finding.phase { limit = other }
        return min(max(1, limit), max(1, most))
    }

    /// Whether the number was found by trying, and not only expected.
    func isFound(_ load: Load) -> Bool { findings[load]?.found != nil }

    /// A batch came back.
    /// - Parameter rates: what is expected of one batch in flight, of two, and so on; empty where nothing is.
    mutating func note(_ load: Load, rows: Int, now: Double, expected: Int, most: Int, rates: [Double]) {
        guard most > 1 else { return }
        guard window?.load == load, unsettled == 0 else {
            unsettled = max(0, window?.load == load ? unsettled - 1 : 0)
            window = Window(load: load, start: now)
            return
        }
        window?.batches += 1
        window?.rows += rows
        guard let full = window, full.batches >= Self.windowBatches, now > full.start else { return }
        window = Window(load: load, start: now)
        conclude(load, rate: Double(full.rows) / (now - full.start), expected: expected) { candidate, present in
            guard (1...most).contains(candidate) else { return false }
            guard rates.indices.contains(candidate - 1), rates.indices.contains(present - 1) else { return true }
            return rates[candidate - 1] >= Self.leastExpected * rates[present - 1]
        }
    }

    private mutating func conclude(
        _ load: Load, rate: Double, expected: Int, isWorthTrying: (_ candidate: Int, _ present: Int) -> Bool
    ) {
        var finding = findings[load] ?? Finding()
        let present = finding.found ?? expected
        switch finding.phase {
        case .pause(let windows):
            let candidate = finding.triesMore ? present + 1 : present - 1
            finding.phase = .pause(max(0, windows - 1))
            if !isWorthTrying(candidate, present) {
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
        if case .pause = finding.phase, finding.found ?? expected == present { return }
        unsettled = present + 1
    }
}
