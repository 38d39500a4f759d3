import Testing
import Worker

@Suite("A coordinator that does not answer")
struct SilenceNoticeTests {
    /// Seconds after which it was said, with a tick every tenth of a second.
    private func said(_ notice: inout SilenceNotice, from start: ContinuousClock.Instant, seconds: Int) -> [Int64] {
        (0...10 * seconds).compactMap { tick in
            notice.due(now: start + .milliseconds(100 * tick))?.components.seconds
        }
    }

    @Test("is said after 5 s, and then each time after twice as long; anew after an answer")
    func schedule() {
        var notice = SilenceNotice()
        let start = ContinuousClock.now
        #expect(said(&notice, from: start, seconds: 200) == [5, 10, 20, 40, 80, 160])
        notice.end()
        #expect(said(&notice, from: start + .seconds(500), seconds: 12) == [5, 10])
    }

    @Test("is said once after a pause of the process, not for each time that was missed")
    func pause() {
        var notice = SilenceNotice()
        let start = ContinuousClock.now
        _ = notice.due(now: start)
        #expect(notice.due(now: start + .seconds(50)) != nil)
        #expect(notice.due(now: start + .seconds(51)) == nil)
    }
}
