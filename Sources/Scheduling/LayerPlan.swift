/// What the layers of a model cost for one token, in any one unit (multiply-adds, milliseconds).
public struct LayerCosts: Sendable, Equatable {
    public var layerCount: Int
    public var perLayer: Double
    /// Added to the last stage: final layer norm and output head.
    public var head: Double

    public init(layerCount: Int, perLayer: Double, head: Double) {
        self.layerCount = layerCount
        self.perLayer = perLayer
        self.head = head
    }
}

/// Why a model cannot be cut over these workers; one line for people.
public enum LayerPlanError: Error, Sendable, Equatable, CustomStringConvertible {
    case tooManyWorkers(workers: Int, layers: Int)
    case outOfRange(pin: Range<Int>, layers: Int)
    case overlap(Range<Int>, Range<Int>)
    case uncovered(Range<Int>)
    case noLayersLeft(unpinned: Int)

    public var description: String {
        switch self {
        case .tooManyWorkers(let workers, let layers):
            "\(workers) workers for \(layers) layers: every worker needs at least one; ask for \(layers) or fewer"
        case .outOfRange(let pin, let layers):
            "layers \(pin.text) are not in this model: it has layers 0-\(layers - 1)"
        case .overlap(let first, let second):
            "layers \(first.text) and \(second.text), asked for by two workers, overlap"
        case .uncovered(let gap):
            "no worker left for layers \(gap.text): all are bound to other layers with --layers"
        case .noLayersLeft(let unpinned):
            "no layers left for \(unpinned) of the workers: the others are bound to them with --layers"
        }
    }
}

extension Range where Bound == Int {
    /// "0-3", as `--layers` takes it.
    fileprivate var text: String { "\(lowerBound)-\(upperBound - 1)" }
}

/// Cuts a model's layers into contiguous ranges, one a worker, so that the cost of the slowest stage is least.
public enum LayerPlan {
    /// The range of each worker, in the order of `pins`.
    ///
    /// `pins` holds an entry for each worker: the range it is bound to, or nil where it takes any. Workers without a pin
    /// are alike, and are given their ranges in order. Of the plans whose slowest stage is as fast as can be, this is the
    /// one with the most even layer counts (least sum of squares), and then the one with fewer layers in early stages.
    /// - Throws: ``LayerPlanError`` where no plan uses every worker.
    public static func ranges(costs: LayerCosts, pins: [Range<Int>?]) throws(LayerPlanError) -> [Range<Int>] {
        guard pins.count <= costs.layerCount else {
            throw .tooManyWorkers(workers: pins.count, layers: costs.layerCount)
        }
        let pinned = try sortedPins(pins.compactMap { $0 }, layerCount: costs.layerCount)
        let free = pins.count(where: { $0 == nil })
        let fastest = leastCut(
            pinned: pinned, free: free, end: costs.layerCount, price: costs.stage, combine: { max($0, $1) })
        guard let fastest else { throw failure(pinned: pinned, free: free, layerCount: costs.layerCount) }
        // Else a slow last stage, which nothing can help, would let the other layers pile up on one worker.
        let even = leastCut(
            pinned: pinned, free: free, end: costs.layerCount,
            price: { costs.stage($0) <= fastest.price ? Double($0.count * $0.count) : .infinity }, combine: { $0 + $1 })
        let cut = (even ?? fastest).ranges
        var unpinned = cut.filter { !pinned.contains($0) }.makeIterator()
        return pins.map { $0 ?? unpinned.next()! }
    }

    private static func sortedPins(_ pins: [Range<Int>], layerCount: Int) throws(LayerPlanError) -> [Range<Int>] {
        for pin in pins where pin.isEmpty || pin.lowerBound < 0 || pin.upperBound > layerCount {
            throw .outOfRange(pin: pin, layers: layerCount)
        }
        let sorted = pins.sorted { $0.lowerBound < $1.lowerBound }
        for (first, second) in zip(sorted, sorted.dropFirst()) where second.lowerBound < first.upperBound {
            throw .overlap(first, second)
        }
        return sorted
    }

    /// The cut at the least price, the stages' prices being combined from the last one up; nil where there is none.
    ///
    /// Dynamic programme from the last layer down: `best[position][used]` is the least price of the layers from
    /// `position` on, taken by the pins that start there or later and by exactly `used` other workers.
    private static func leastCut(
        pinned: [Range<Int>], free: Int, end: Int, price: (Range<Int>) -> Double, combine: (Double, Double) -> Double
    ) -> (ranges: [Range<Int>], price: Double)? {
        let pinStarting = Dictionary(uniqueKeysWithValues: pinned.map { ($0.lowerBound, $0) })
        var best = [[Double]](repeating: [Double](repeating: .infinity, count: free + 1), count: end + 1)
        var choice = [[Int]](repeating: [Int](repeating: 0, count: free + 1), count: end + 1)
        best[end][0] = 0
        var nextPin = end
        for position in stride(from: end - 1, through: 0, by: -1) {
            if let pin = pinStarting[position] {
                nextPin = position
                for used in 0...free {
                    best[position][used] = combine(price(pin), best[pin.upperBound][used])
                    choice[position][used] = pin.upperBound
                }
                continue
            }
            for used in stride(from: 1, through: free, by: 1) {
                for upper in (position + 1)...nextPin {
                    let total = combine(price(position..<upper), best[upper][used - 1])
                    // Not <=: of equal cuts, the one with fewer layers here.
                    if total < best[position][used] {
                        best[position][used] = total
                        choice[position][used] = upper
                    }
                }
            }
        }
        guard best[0][free].isFinite else { return nil }
        return (walk(choice: choice, free: free, isPin: { pinStarting[$0] != nil }, end: end), best[0][free])
    }

    private static func walk(choice: [[Int]], free: Int, isPin: (Int) -> Bool, end: Int) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var position = 0
        var used = free
        while position < end {
            let upper = choice[position][used]
            ranges.append(position..<upper)
            if !isPin(position) { used -= 1 }
            position = upper
        }
        return ranges
    }

    private static func failure(pinned: [Range<Int>], free: Int, layerCount: Int) -> LayerPlanError {
        var gaps: [Range<Int>] = []
        var position = 0
        for pin in pinned + [layerCount..<layerCount] {
            if position < pin.lowerBound { gaps.append(position..<pin.lowerBound) }
            position = pin.upperBound
        }
        if gaps.count > free { return .uncovered(gaps[free]) }
        return .noLayersLeft(unpinned: free - gaps.reduce(0) { $0 + $1.count })
    }
}

extension LayerCosts {
    /// What a stage with these layers costs; the last one also has the head.
    func stage(_ layers: Range<Int>) -> Double {
        Double(layers.count) * perLayer + (layers.upperBound == layerCount ? head : 0)
    }
}
