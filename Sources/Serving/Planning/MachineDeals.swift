/// Ways to divide machines among pipelines, into one group for each.
extension MachineFleet {
    /// All ways are tried for up to so many machines.
    private static let mostForAllDeals = 5

    /// The ways that are worth trying, with up to so many pipelines: all of them if there are few machines, otherwise some
    /// numbers of groups, each with groups that are as alike as possible, and with groups by speed.
    func deals(atMost most: Int) -> [[[Int]]] {
        guard machines.count > Self.mostForAllDeals else {
            return allDeals().filter { (1...max(1, most)).contains($0.count) }
        }
        var deals: [[[Int]]] = []
        var count = 1
        while count <= min(machines.count, most) {
            deals.append(groupsAlike(count))
            if count > 1, kinds.count > 1, let groups = groupsBySpeed(count) { deals.append(groups) }
            count = max(count + 1, count * 5 / 4)
        }
        return deals
    }

    /// All ways, those with fewer groups first.
    private func allDeals() -> [[[Int]]] {
        var deals: [[[Int]]] = [[]]
        for machine in machines.indices {
            deals = deals.flatMap { groups in
                let joining = groups.indices.map { place in
                    var joined = groups
                    joined[place].append(machine)
                    return joined
                }
                return joining + [groups + [[machine]]]
            }
        }
        return deals.enumerated().sorted { ($0.element.count, $0.offset) < ($1.element.count, $1.offset) }
            .map(\.element)
    }

    /// The machines in `count` groups that are as alike as possible: the fastest first, dealt back and forth.
    private func groupsAlike(_ count: Int) -> [[Int]] {
        var kindsOfGroups = [[Int]](repeating: [], count: count)
        for (place, index) in byPinAndSpeed.enumerated() {
            let (round, offset) = place.quotientAndRemainder(dividingBy: count)
            kindsOfGroups[round % 2 == 0 ? offset : count - 1 - offset].append(machines[index].kind)
        }
        // Machines of one kind in their own order: neighbours stay together.
        var left = Dictionary(grouping: machines.indices.reversed(), by: { machines[$0].kind })
        return kindsOfGroups.map { kinds in kinds.compactMap { left[$0]?.popLast() }.sorted() }
    }

    /// The machines in `count` groups of about the same total speed, fast machines with fast ones; nil if there are too few
    /// machines.
    private func groupsBySpeed(_ count: Int) -> [[Int]]? {
        let total = machines.reduce(0) { $0 + $1.speed }
        var groups: [[Int]] = [[]]
        var speed = 0.0
        for index in byPinAndSpeed {
            if speed >= total * Double(groups.count) / Double(count) - 1e-9 * total, groups.count < count {
                groups.append([])
            }
            groups[groups.count - 1].append(index)
            speed += machines[index].speed
        }
        return groups.count == count ? groups.map { $0.sorted() } : nil
    }

    private var byPinAndSpeed: [Int] {
        machines.indices.sorted { first, second in
            let (one, other) = (machines[first], machines[second])
            let starts = (one.pin?.lowerBound ?? .max, other.pin?.lowerBound ?? .max)
            if starts.0 != starts.1 { return starts.0 < starts.1 }
            return one.speed != other.speed ? one.speed > other.speed : first < second
        }
    }
}
