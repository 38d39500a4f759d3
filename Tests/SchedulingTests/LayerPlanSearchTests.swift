import Scheduling
import SeededRandom
import Testing

/// The planner against a search through every cut there is.
@Suite("Layer plan against exhaustive search")
struct LayerPlanSearchTests {
    @Test("random costs and pins give the cut that a search through all of them finds")
    func againstSearch() {
        for seed in 0..<3_000 as Range<UInt64> {
            compare(seed: seed)
        }
    }

    private func compare(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let layers = random.int(1...9)
        // Whole numbers make ties, others make none.
        let whole = random.chance(60)
        let perLayer = whole ? Double(random.int(1...3)) : Double.random(in: 0.01...3, using: &random)
        let head = whole ? Double(random.int(0...9)) : Double.random(in: 0...12, using: &random)
        let costs = LayerCosts(layerCount: layers, perLayer: perLayer, head: head)
        let pins = randomPins(layers: layers, using: &random)
        let expected = search(costs, pins)
        do {
            let ranges = try LayerPlan.ranges(costs: costs, pins: pins)
            #expect(ranges == expected, "seed \(seed): \(costs), pins \(pins)")
        } catch {
            #expect(expected == nil, "seed \(seed): \(error) for \(costs), pins \(pins)")
        }
    }

    /// Mostly pins that go together; now and then one from anywhere.
    private func randomPins(layers: Int, using random: inout SplitMix64) -> [Range<Int>?] {
        var pins: [Range<Int>?] = []
        var position = 0
        while position < layers {
            let upper = random.int(position + 1...layers)
            if random.chance(35) { pins.append(position..<upper) }
            position = upper
        }
        if random.chance(8) {
            let lower = random.int(-1...layers)
            pins.append(lower..<random.int(lower...layers + 1))
        }
        pins += [Range<Int>?](repeating: nil, count: random.int(0...4))
        return pins.shuffled(using: &random)
    }

    private func search(_ costs: LayerCosts, _ pins: [Range<Int>?]) -> [Range<Int>]? {
        let cuts = cuts(from: 0, to: costs.layerCount, pieces: pins.count).filter { cut in
            pins.allSatisfy { pin in pin.map { wanted in cut.contains(wanted) } ?? true }
        }
        let bound = pins.compactMap { $0 }
        guard Set(bound).count == bound.count, let best = cuts.min(by: { isBetter($0, $1, costs) }) else { return nil }
        var free = best.filter { !bound.contains($0) }[...]
        return pins.map { $0 ?? free.removeFirst() }
    }

    private func cuts(from: Int, to: Int, pieces: Int) -> [[Range<Int>]] {
        guard pieces > 0 else { return from == to ? [[]] : [] }
        guard from < to else { return [] }
        return (from + 1...to).flatMap { upper in
            cuts(from: upper, to: to, pieces: pieces - 1).map { [from..<upper] + $0 }
        }
    }

    /// A faster slowest stage; then more even layers; then fewer layers in early stages.
    private func isBetter(_ first: [Range<Int>], _ second: [Range<Int>], _ costs: LayerCosts) -> Bool {
        let slowest = [first, second].map { cut in
            cut.map { Double($0.count) * costs.perLayer + ($0.upperBound == costs.layerCount ? costs.head : 0) }.max()!
        }
        if slowest[0] != slowest[1] { return slowest[0] < slowest[1] }
        let squares = [first, second].map { cut in cut.reduce(0) { $0 + $1.count * $1.count } }
        if squares[0] != squares[1] { return squares[0] < squares[1] }
        return first.map(\.count).lexicographicallyPrecedes(second.map(\.count))
    }
}
