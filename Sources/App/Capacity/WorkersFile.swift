import GPT2
import Kernels
import ModelFiles
import Planning
import Scheduling

/// What `paceline plan --workers` reads: machines as they are, or as they might be.
package struct WorkersFile {
    /// One entry, for `count` workers alike.
    package struct Entry {
        var name: String
        var count = 1
        /// Workers with the same host are on one machine; each is on one of its own without it.
        var host: String?
        var threads = 1
        var memoryBytes: Int?
        var layers: ClosedRange<Int>?
        var millisecondsPerLayer: RowCosts
        /// nil: as much as its products are more than a layer's.
        var headMilliseconds: RowCosts?
        var latencyMilliseconds = 0.1
        var gigabitsPerSecond = 1.0
        /// For mistakes that show later.
        fileprivate var field: FieldReader
    }

    /// Workers that are believed, all together.
    private static let mostWorkers = 1_024

    package let file: String
    package private(set) var size: GPT2Size?
    package private(set) var type: PackedType?
    package private(set) var cacheType: CacheType?
    package private(set) var context: Int?
    package private(set) var entries: [Entry] = []

    /// - Parameters:
    ///   - bytes: what the file holds.
    ///   - file: its name, for mistakes.
    /// - Throws: ``WorkersFileError``, one line that names file, line and field.
    package init(_ bytes: [UInt8], file: String) throws {
        self.file = file
        let top = try FieldReader(bytes, file: file)
        let fields = try top.fields(["model", "workers"])
        if let model = try fields["model"]?.fields(["size", "type", "kv", "context"]) {
            size = try model["size"]?.choice(GPT2Size.self)
            type = try model["type"]?.choice(PackedType.self)
            cacheType = try model["kv"]?.choice(CacheType.self)
            context = try model["context"]?.count(1...GPT2Configuration.Limits.contextLength)
        }
        guard let list = try fields["workers"]?.elements(), !list.isEmpty else {
            throw top.failure("workers: at least one is needed")
        }
        entries = try list.map(Entry.init)
        let count = entries.reduce(0) { $0 + $1.count }
        guard count <= Self.mostWorkers else {
            throw top.failure("workers: \(count) in all, and at most \(Self.mostWorkers) are planned")
        }
    }

    /// The workers as the planner takes them, for a model with these shapes.
    package func workers(_ configuration: GPT2Configuration, _ model: ModelDescription) throws -> [WorkerDescription] {
        let work = PipelineStage.multiplyAdds(configuration)
        let headInLayers = Double(work.head) / Double(work.perLayer)
        var hosts: [String: Int] = [:]
        var nextHost = 0
        var workers: [WorkerDescription] = []
        for entry in entries {
            if let layers = entry.layers, layers.upperBound >= model.layerCount {
                throw entry.field.failure("layers: the model has layers 0-\(model.layerCount - 1)")
            }
            for number in 1...entry.count {
                let known = entry.host.flatMap { hosts[$0] }
                let host = known ?? nextHost
                if known == nil { nextHost += 1 }
                if let name = entry.host { hosts[name] = host }
                var worker = WorkerDescription(
                    name: entry.count == 1 ? entry.name : "\(entry.name)-\(number)", host: host,
                    layerCosts: entry.millisecondsPerLayer,
                    headCosts: entry.headMilliseconds ?? entry.millisecondsPerLayer.scaled(by: headInLayers),
                    memoryBytes: entry.memoryBytes,
                    link: LinkDescription(
                        latencyMilliseconds: entry.latencyMilliseconds, gigabitsPerSecond: entry.gigabitsPerSecond,
                        bytesPerRow: model.activationBytesPerRow))
                worker.pin = entry.layers.map { $0.lowerBound..<($0.upperBound + 1) }
                worker.threads = entry.threads
                workers.append(worker)
            }
        }
        return workers
    }
}

extension WorkersFile.Entry {
    private static let rows = 1...65_536
    private static let milliseconds = 0.000_001...1e6

    fileprivate init(_ field: FieldReader) throws {
        let fields = try field.fields([
            "name", "count", "host", "threads", "memory", "layers", "ms_per_layer", "head_ms", "latency_ms",
            "gigabits_per_second",
        ])
        guard let costs = fields["ms_per_layer"] else {
            throw field.failure("ms_per_layer is missing: milliseconds of one layer by rows, for example {1: 0.98}")
        }
        guard let named = fields["name"] else { throw field.failure("name is missing") }
        name = try named.text()
        self.field = field
        millisecondsPerLayer = try Self.costs(costs)
        headMilliseconds = try fields["head_ms"].map(Self.costs)
        count = try fields["count"]?.count(1...1_024) ?? 1
        host = try fields["host"]?.text()
        threads = try fields["threads"]?.count(1...1_024) ?? 1
        latencyMilliseconds = try fields["latency_ms"]?.number(0...10_000) ?? latencyMilliseconds
        gigabitsPerSecond = try fields["gigabits_per_second"]?.number(0.001...10_000) ?? gigabitsPerSecond
        if let memory = fields["memory"] {
            guard let count = ByteCount(argument: try memory.text()) else {
                throw memory.failure("must be bytes, for example 8G or 512M")
            }
            memoryBytes = count.bytes
        }
        if let pinned = fields["layers"] {
            guard let range = LayerRange(argument: try pinned.text()) else {
                throw pinned.failure("must be layers, for example 0-11")
            }
            layers = range.layers
        }
    }

    private static func costs(_ field: FieldReader) throws -> RowCosts {
        RowCosts(
            try field.numbersByCount(rows, milliseconds).map { RowCosts.Point(rows: $0.0, milliseconds: $0.1) })
    }
}
