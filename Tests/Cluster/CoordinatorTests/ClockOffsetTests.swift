import Coordinator
import Messages
import TestSupport
import Testing

@Suite("Clock offsets from heartbeats")
struct ClockOffsetTests {
    private let worker: WorkerID = [1]

    /// A worker's clock shows the coordinator's less `offset`; heartbeats take `latency` and, mostly, more. Every second one
    /// goes each way.
    private func offsets(
        offset: Int64, latency: Int64, seconds: Int, drift: Int64 = 0, random: inout SplitMix64
    ) -> ClockOffsets {
        var offsets = ClockOffsets()
        var toWorker = LeastDelay()
        for second in 1...seconds {
            let now = Int64(second) * 1_000_000 + 100_000_000_000
            let worker = now - offset - drift * Int64(second)
            toWorker.note(
                sent: UInt64(now), received: UInt64(worker + latency + Int64(random.int(0...20) * random.int(0...100))))
            let late = Int64(random.int(0...20) * random.int(0...100))
            offsets.note(
                Heartbeat(clockMicroseconds: UInt64(worker), leastDelayMicroseconds: toWorker.microseconds),
                from: self.worker, received: UInt64(now + latency + late))
        }
        return offsets
    }

    @Test("the offset is found to some microseconds, and so is the latency", arguments: 0..<50 as Range<UInt64>)
    func found(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let offset = Int64(random.int(-50_000_000_000...50_000_000_000))
        let latency = Int64(random.int(20...5_000))
        let offsets = offsets(offset: offset, latency: latency, seconds: 30, random: &random)
        // Of sixteen heartbeats each way one comes with little delay.
        #expect(abs(try #require(offsets.offset(of: worker)) - offset) <= 150, "seed \(seed)")
        #expect(abs(Int64(try #require(offsets.latency(of: worker))) - latency) <= 150, "seed \(seed)")
    }

    @Test("a clock that drifts is followed")
    func drift() throws {
        var random = SplitMix64(seed: 1)
        // 20 microseconds a second: after ten minutes the first heartbeats are wrong by 12 ms.
        let offsets = offsets(offset: 1_000, latency: 100, seconds: 600, drift: 20, random: &random)
        #expect(abs(try #require(offsets.offset(of: worker)) - (1_000 + 20 * 600)) <= 500)
    }

    @Test("before the worker has heard a heartbeat, its own have to do, and no latency is known")
    func oneWay() {
        var offsets = ClockOffsets()
        #expect(offsets.offset(of: worker) == nil && offsets.leastDelay(from: worker) == nil)
        offsets.note(Heartbeat(clockMicroseconds: 500), from: worker, received: 1_700)
        #expect(offsets.offset(of: worker) == 1_200)
        #expect(offsets.leastDelay(from: worker) == 1_200)
        #expect(offsets.lastClock(of: worker) == 500)
        #expect(offsets.latency(of: worker) == nil)
    }

    @Test("heartbeats without a clock, of an older worker, say nothing")
    func older() {
        var offsets = ClockOffsets()
        offsets.note(Heartbeat(leastDelayMicroseconds: 7), from: worker, received: 1_700)
        #expect(offsets.offset(of: worker) == nil)
    }

    @Test("whoever is gone is forgotten")
    func gone() {
        var offsets = ClockOffsets()
        offsets.note(Heartbeat(clockMicroseconds: 1), from: [1], received: 2)
        offsets.note(Heartbeat(clockMicroseconds: 1), from: [2], received: 4)
        offsets.keepOnly([[2]])
        #expect(offsets.offset(of: [1]) == nil)
        #expect(offsets.offset(of: [2]) == 3)
    }

    @Test("nothing a worker says overflows", arguments: [.min, -1, 0, .max] as [Int64])
    func extremes(value: Int64) {
        for clock in [0, 1 << 63, .max] as [UInt64] {
            var offsets = ClockOffsets()
            offsets.note(
                Heartbeat(clockMicroseconds: clock, leastDelayMicroseconds: value), from: worker, received: 5)
            #expect(offsets.offset(of: worker) != nil && offsets.latency(of: worker) != nil)
        }
    }
}
