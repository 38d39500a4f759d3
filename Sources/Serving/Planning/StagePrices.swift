import Scheduling

/// What each number of layers costs on each kind of machine, for batches of so many rows.
struct StagePrices {
    /// What a machine's layers cost.
    private struct Price {
        /// Milliseconds in which it is busy; infinite if it cannot hold so many layers.
        var busy = Double.infinity
        /// Milliseconds that a batch spends in it, links between its own workers included. A little is added for unevenness,
        /// which decides between cuts that are equal otherwise.
        var pass = Double.infinity
    }

    /// Weight of unevenness: small enough to decide nothing else, large enough not to be lost in rounding.
    private static let unevenness = 1e-6

    /// A table for each kind, by role and number of layers: see ``place(_:_:of:)``.
    typealias Table = [Double]

    let layerCount: Int
    let rows: Int
    /// A machine's share of a cycle: its own work, or the time on its link if that is longer.
    private(set) var bottleneck: [Table] = []
    /// A machine's part of a batch's pass through the pipeline, with half of the links to its neighbours.
    private(set) var pass: [Table] = []
    private let kinds: [[WorkerKind]]
    /// What the whole model costs the first worker, to which unevenness is relative.
    private let scale: Double

    init(_ fleet: MachineFleet, layerCount: Int, rows: Int) {
        self.layerCount = layerCount
        self.rows = rows
        kinds = fleet.kinds
        let first = fleet.kinds.first?.first
        let whole = (first?.layerCosts.milliseconds(rows: rows) ?? 0) * Double(layerCount)
        scale = max(whole + (first?.headCosts.milliseconds(rows: rows) ?? 0), 1e-9)
        for kind in fleet.kinds {
            var (bottleneck, pass): (Table, Table) = ([], [])
            for role in StageRole.allCases {
                for price in column(of: kind, role) {
                    bottleneck.append(max(price.busy, travelling(kind[0].link, role)))
                    pass.append(price.pass + halfLinks(kind[0].link, role))
                }
            }
            self.bottleneck.append(bottleneck)
            self.pass.append(pass)
        }
    }

    /// Where in a table the price of these layers is.
    static func place(_ lower: Int, _ upper: Int, of layerCount: Int) -> Int {
        ((lower == 0 ? 1 : 0) + (upper == layerCount ? 2 : 0)) * (layerCount + 1) + upper - lower
    }

    /// The layers of each used worker of a machine that has these layers, in order.
    func cut(_ kind: Int, _ layers: Range<Int>) -> [Range<Int>] {
        let role = StageRole(hasFirst: layers.lowerBound == 0, hasLast: layers.upperBound == layerCount)
        var ranges: [Range<Int>] = []
        var lower = layers.lowerBound
        for count in split(kinds[kind], layers.count, role) {
            ranges.append(lower..<lower + count)
            lower += count
        }
        return ranges
    }

    private func travelling(_ link: LinkDescription, _ role: StageRole) -> Double {
        role == .only ? 0 : link.millisecondsPerRow * Double(rows)
    }

    private func halfLinks(_ link: LinkDescription, _ role: StageRole) -> Double {
        let half = link.milliseconds(rows: rows) / 2
        return (role.hasFirst ? link.latencyMilliseconds : half) + (role.hasLast ? link.latencyMilliseconds : half)
    }

    // MARK: - Workers of one machine

    private func price(_ worker: WorkerKind, _ count: Int, _ role: StageRole) -> Price {
        guard count >= 1, count <= worker.mostLayers[role.rawValue], worker.pin.map({ $0.count == count }) ?? true
        else {
            return Price()
        }
        let head = role.hasLast ? worker.headCosts.milliseconds(rows: rows) : 0
        let busy = Double(count) * worker.layerCosts.milliseconds(rows: rows) + head
        return Price(busy: busy, pass: busy + Self.unevenness * busy * busy / scale)
    }

    /// Prices of one role, by number of layers.
    private func column(of kind: [WorkerKind], _ role: StageRole) -> [Price] {
        guard kind.count > 1 else { return (0...layerCount).map { price(kind[0], $0, role) } }
        let all = splits(kind, layerCount, role)
        return (0...layerCount).map { layers in
            if layers == 0 { return Price() }
            return total(layers < kind.count ? splits(Array(kind.suffix(layers)), layers, role) : all, layers)
        }
    }

    /// How many layers each used worker of a machine gets: all workers if there are enough layers, otherwise the last and
    /// fastest.
    private func split(_ kind: [WorkerKind], _ layers: Int, _ role: StageRole) -> [Int] {
        var counts: [Int] = []
        var left = layers
        for table in splits(Array(kind.suffix(layers)), layers, role).reversed() {
            counts.append(table[left].count)
            left -= table[left].count
        }
        return counts
    }

    private func total(_ splits: [[(price: Price, count: Int)]], _ layers: Int) -> Price {
        let price = splits[splits.count - 1][layers].price
        let hops = Double(splits.count - 1) * LinkDescription.loopback.latencyMilliseconds
        return Price(busy: price.busy, pass: price.pass + hops)
    }

    /// The cheapest ways to divide up to so many layers among workers, with at least one for each. They take turns, so the
    /// sum counts, and then evenness. From the last worker up: the price of it and those after it, and its own layers.
    private func splits(_ workers: [WorkerKind], _ most: Int, _ role: StageRole) -> [[(price: Price, count: Int)]] {
        var best: [[(price: Price, count: Int)]] = []
        for (place, worker) in workers.enumerated().reversed() {
            let own = StageRole(
                hasFirst: role.hasFirst && place == 0, hasLast: role.hasLast && place == workers.count - 1)
            let prices = (0...most).map { price(worker, $0, own) }
            best.append(
                (0...most).map { total in
                    guard let after = best.last else { return (prices[total], total) }
                    return cheapest(total, prices, after.map(\.price))
                })
        }
        return best
    }

    private func cheapest(_ total: Int, _ own: [Price], _ rest: [Price]) -> (price: Price, count: Int) {
        var best = (price: Price(), count: 0)
        for count in stride(from: 1, to: total, by: 1) {
            let pass = own[count].pass + rest[total - count].pass
            // Not <=: of equal ones, the one with fewer layers here.
            if pass < best.price.pass * (1 - 1e-12) {
                best = (Price(busy: own[count].busy + rest[total - count].busy, pass: pass), count)
            }
        }
        return best
    }
}
