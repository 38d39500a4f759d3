import Testing
import Transport

@Suite("The system's clock")
struct ClockTests {
    @Test("it does not go backwards")
    func monotonic() {
        let clock = SystemClock()
        let times = (0..<100).map { _ in clock.microseconds }
        #expect(times == times.sorted())
    }
}
