/// Which machines may follow one another in a pipeline: states, each with the machines that can take the next layers and
/// the state after that. In state 0 no machine is left.
///
/// If machines are of few kinds, a state is how many of each kind are still to come: every choice and every order.
/// Otherwise machines come in one order, the slowest first, and later states lack the slowest. Machines that are bound to
/// their layers may come in any state, because each fits in one place only.
struct StageGraph {
    /// With more states there is only one order. In a large cluster, where many groups are tried, fewer states are allowed.
    private static let (mostStates, mostStatesOfMany) = (81, 16)

    struct Step {
        var kind: Int
        var next: Int
        /// The layer with which the machine has to start, if it is bound.
        var pinnedAt: Int?
    }

    /// By state.
    private(set) var steps: [[Step]]
    /// Layers with which a bound machine has to start, and which no other machine may take. Empty if machines are bound to
    /// layers that overlap, because then not all of them can have theirs.
    private(set) var pinnedStarts: [Int] = []

    /// - Parameter isOfMany: whether the machines are some of a large cluster.
    init(_ machines: [Machine], isOfMany: Bool) {
        let free = machines.filter { $0.pin == nil }
        let kinds = Set(free.map(\.kind)).sorted()
        let counts = kinds.map { kind in free.count { $0.kind == kind } }
        let most = isOfMany ? Self.mostStatesOfMany : Self.mostStates
        let states = counts.reduce(1) { $0 > most ? $0 : $0 * ($1 + 1) }
        steps = states <= most ? Self.everyOrder(kinds, counts) : Self.oneOrder(free)
        addBound(machines)
    }

    private mutating func addBound(_ machines: [Machine]) {
        var bound: [Int: Step] = [:]
        for machine in machines where machine.pin != nil {
            bound[machine.kind] = Step(kind: machine.kind, next: 0, pinnedAt: machine.pin?.lowerBound)
        }
        let pins = Set(machines.compactMap(\.pin)).sorted { $0.lowerBound < $1.lowerBound }
        if !zip(pins, pins.dropFirst()).contains(where: { $0.overlaps($1) }) { pinnedStarts = pins.map(\.lowerBound) }
        for state in steps.indices {
            for step in bound.values.sorted(by: { $0.kind < $1.kind }) {
                steps[state].append(Step(kind: step.kind, next: state, pinnedAt: step.pinnedAt))
            }
        }
    }

    private static func everyOrder(_ kinds: [Int], _ counts: [Int]) -> [[Step]] {
        var strides: [Int] = []
        var states = 1
        for count in counts {
            strides.append(states)
            states *= count + 1
        }
        return (0..<states).map { state in
            kinds.indices.compactMap { place in
                guard state / strides[place] % (counts[place] + 1) > 0 else { return nil }
                return Step(kind: kinds[place], next: state - strides[place])
            }
        }
    }

    private static func oneOrder(_ machines: [Machine]) -> [[Step]] {
        let order = machines.enumerated().sorted { first, second in
            first.element.speed != second.element.speed
                ? first.element.speed < second.element.speed : first.offset < second.offset
        }
        return (0...order.count).map { left in
            left == 0 ? [] : [Step(kind: order[order.count - left].element.kind, next: left - 1)]
        }
    }
}
