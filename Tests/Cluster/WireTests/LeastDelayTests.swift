import Messages
import Testing

@Suite("How late heartbeats come")
struct LeastDelayTests {
    @Test("the quickest of the heartbeats counts")
    func least() {
        var delay = LeastDelay()
        #expect(delay.microseconds == nil)
        for (sent, received) in [(1_000, 1_500), (2_000, 2_120), (3_000, 3_900)] as [(UInt64, UInt64)] {
            delay.note(sent: sent, received: received)
        }
        #expect(delay.microseconds == 120)
    }

    @Test("a clock that is ahead makes delays negative")
    func ahead() {
        var delay = LeastDelay()
        delay.note(sent: 5_000, received: 200)
        #expect(delay.microseconds == -4_800)
    }

    @Test("after sixteen more heartbeats an old one counts no more")
    func window() {
        var delay = LeastDelay()
        delay.note(sent: 0, received: 10)
        for number in 1...15 as ClosedRange<UInt64> { delay.note(sent: number, received: number + 50) }
        #expect(delay.microseconds == 10)
        delay.note(sent: 16, received: 66)
        #expect(delay.microseconds == 50)
    }

    @Test("whatever a peer says, nothing overflows", arguments: [0, 1, .max, 1 << 63] as [UInt64])
    func extremes(value: UInt64) {
        var delay = LeastDelay()
        delay.note(sent: value, received: 0)
        delay.note(sent: 0, received: value)
        #expect(delay.microseconds != nil)
    }
}
