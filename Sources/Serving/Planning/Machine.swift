import Scheduling

/// What matters of a worker for a plan. Workers of one kind are interchangeable.
struct WorkerKind {
    var layerCosts: RowCosts
    var headCosts: RowCosts
    /// The most layers it can hold, by ``StageRole``; -1 if not even the rest of such a stage fits.
    var mostLayers: [Int]
    var pin: Range<Int>?
    var link: LinkDescription

    init(_ worker: WorkerDescription, _ model: ModelDescription) {
        layerCosts = worker.layerCosts
        headCosts = worker.headCosts
        mostLayers = StageRole.allCases.map { role in
            worker.memoryBytes.map { model.mostLayers(memory: $0, hasFirst: role.hasFirst, hasLast: role.hasLast) }
                ?? model.layerCount
        }
        pin = worker.pin
        link = worker.link
    }

    /// It can hold a layer or, if it is bound to some, those layers.
    func canWork(in model: ModelDescription) -> Bool {
        guard let pin else { return mostLayers.contains { $0 >= 1 } }
        let role = StageRole(hasFirst: pin.lowerBound == 0, hasLast: pin.upperBound == model.layerCount)
        return mostLayers[role.rawValue] >= pin.count
    }

    /// They differ no more than two measurements of one machine.
    func isLike(_ other: WorkerKind) -> Bool {
        mostLayers == other.mostLayers && pin == other.pin && link == other.link
            && [1, 8, 64].allSatisfy { rows in
                Self.isLike(layerCosts.milliseconds(rows: rows), other.layerCosts.milliseconds(rows: rows))
                    && Self.isLike(headCosts.milliseconds(rows: rows), other.headCosts.milliseconds(rows: rows))
            }
    }

    private static func isLike(_ first: Double, _ second: Double) -> Bool {
        abs(first - second) <= 0.02 * max(first, second)
    }
}

/// Which ends of the model a stage has.
enum StageRole: Int, CaseIterable {
    case middle, first, last, only

    init(hasFirst: Bool, hasLast: Bool) { self = StageRole(rawValue: (hasFirst ? 1 : 0) + (hasLast ? 2 : 0))! }

    var hasFirst: Bool { self == .first || self == .only }
    var hasLast: Bool { self == .last || self == .only }
}

/// Workers that take neighbouring layers: those of one host, or a single one if any worker is bound to its layers.
struct Machine {
    /// Index of its kind among ``MachineFleet/kinds``.
    var kind: Int
    /// In the order of their stages, the slowest first, so that the head falls to the fastest.
    var workers: [Int]
    /// Layers a second, by which machines are ordered and divided among pipelines.
    var speed: Double
    /// The layers to which its worker is bound, if it is.
    var pin: Range<Int>?
}

/// The machines of a cluster and their kinds.
struct MachineFleet {
    /// The workers of each kind of machine.
    private(set) var kinds: [[WorkerKind]] = []
    private(set) var machines: [Machine] = []

    /// Of the workers at `indices`, the fastest of each host, at most `most` of them. Workers that cannot hold a layer are
    /// left out. If some are bound to layers, each worker is a machine of its own: the others have to fit in between.
    init(_ workers: [WorkerDescription], _ indices: [Int], model: ModelDescription, most: Int) {
        let able = indices.filter { WorkerKind(workers[$0], model).canWork(in: model) }
        if able.contains(where: { workers[$0].pin != nil }) {
            for index in able { add([index], of: workers, model: model, most: 1) }
            return
        }
        var places: [Int: Int] = [:]
        var hosts: [[Int]] = []
        for index in able {
            if let place = places[workers[index].host] {
                hosts[place].append(index)
            } else {
                places[workers[index].host] = hosts.count
                hosts.append([index])
            }
        }
        for host in hosts { add(host, of: workers, model: model, most: most) }
    }

    private mutating func add(
        _ indices: [Int], of workers: [WorkerDescription], model: ModelDescription, most: Int
    ) {
        func cost(_ index: Int) -> Double { workers[index].layerCosts.milliseconds(rows: Self.typicalRows) }
        let fastest = indices.sorted { (cost($0), $0) < (cost($1), $1) }.prefix(min(most, model.layerCount))
        let chosen = fastest.sorted { (-cost($0), $0) < (-cost($1), $1) }
        let kind = chosen.map { WorkerKind(workers[$0], model) }
        let known = kinds.firstIndex { zip($0, kind).allSatisfy { $0.isLike($1) } && $0.count == kind.count }
        if known == nil { kinds.append(kind) }
        machines.append(
            Machine(
                kind: known ?? kinds.count - 1, workers: chosen, speed: 1 / max(cost(chosen.last!), 1e-9),
                pin: workers[chosen[0]].pin))
    }

    /// Rows for which speeds are compared if nothing better is known.
    static let typicalRows = 8
}
