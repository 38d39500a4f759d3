import Console

extension ModelReport {
    /// For people.
    /// - Parameter all: with each tensor and the digest of each layer.
    package func text(all: Bool) -> String {
        let facts = [
            ("layers", "\(configuration.layerCount)"), ("width", "\(configuration.width)"),
            ("heads", "\(configuration.headCount)"), ("context", "\(configuration.context)"),
            ("vocabulary", "\(configuration.vocabularySize)"), ("MLP width", "\(configuration.innerWidth)"),
            ("layer norm epsilon", "\(configuration.layerNormEpsilon)"), ("activation", configuration.activation),
            ("parameters", "\(parameters)"),
            ("packed as", packedType ?? "-"), ("bytes", "\(bytes) (\(ByteCountText.text(bytes)))"), ("SHA-256", sha256),
        ]
        var lines = TextTable.lines(["MODEL", directory], facts.map { [$0.0, $0.1] })
        lines.append("")
        lines += TextTable.lines(
            ["TENSOR", "TYPE", "SHAPE", "BYTES", "FILE"], all ? tensors.map(Self.row) : rowsOfRuns)
        lines.append("")
        let shown = all ? groups : groups.filter { Self.layer(inGroup: $0.name) == nil }
        lines += TextTable.lines(
            ["GROUP", "SHA-256"],
            [["settings", configurationSha256]] + shown.map { [$0.name, $0.sha256] })
        if shown.count < groups.count { lines.append("--all shows each tensor, and the digest of each layer") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func row(_ tensor: Tensor) -> [String] {
        let shape = tensor.shape.map { "\($0)" }.joined(separator: "×")
        return [tensor.name, tensor.type, shape, "\(tensor.bytes)", tensor.file]
    }

    private static func layer(inGroup name: String) -> Int? {
        name.wholeMatch(of: /layer (\d+)/).flatMap { Int($0.1) }
    }

    // MARK: - Equal layers

    /// Tensors of layers that follow one another and have the same tensors.
    private struct Run {
        let prefix: String
        let first: Int
        var last: Int
        /// Of the last layer.
        var layer: [Tensor]
        var bytes = 0
        var files: Set<String> = []
    }

    private struct Layer {
        let prefix: String
        let number: Int
        var tensors: [Tensor]
    }

    /// A tensor's row, or one for a run of equal layers.
    private var rowsOfRuns: [[String]] {
        var rows: [[String]] = []
        var run: Run?
        func end() {
            if let run { rows += Self.rows(run) }
            run = nil
        }
        for piece in pieces {
            switch piece {
            case .single(let tensor):
                end()
                rows.append(Self.row(tensor))
            case .layer(let layer):
                if var current = run, current.prefix == layer.prefix, current.last + 1 == layer.number,
                    Self.isEqual(current.layer, layer.tensors)
                {
                    (current.last, current.layer) = (layer.number, layer.tensors)
                    current.bytes += layer.tensors.reduce(0) { $0 + $1.bytes }
                    current.files.formUnion(layer.tensors.map(\.file))
                    run = current
                } else {
                    end()
                    run = Run(
                        prefix: layer.prefix, first: layer.number, last: layer.number, layer: layer.tensors,
                        bytes: layer.tensors.reduce(0) { $0 + $1.bytes }, files: Set(layer.tensors.map(\.file)))
                }
            }
        }
        end()
        return rows
    }

    private enum Piece {
        case single(Tensor)
        case layer(Layer)
    }

    /// Tensors whose names have the same number behind the same words are a layer.
    private var pieces: [Piece] {
        var pieces: [Piece] = []
        for tensor in tensors {
            guard let match = tensor.name.prefixMatch(of: /([^0-9]*\.)?(\d+)\./), let number = Int(match.2) else {
                pieces.append(.single(tensor))
                continue
            }
            let prefix = String(match.1 ?? "")
            if case .layer(var layer) = pieces.last, layer.prefix == prefix, layer.number == number {
                layer.tensors.append(tensor)
                pieces[pieces.count - 1] = .layer(layer)
            } else {
                pieces.append(.layer(Layer(prefix: prefix, number: number, tensors: [tensor])))
            }
        }
        return pieces
    }

    private static func isEqual(_ left: [Tensor], _ right: [Tensor]) -> Bool {
        left.map { [$0.type, "\($0.shape)"] } == right.map { [$0.type, "\($0.shape)"] }
    }

    private static func rows(_ run: Run) -> [[String]] {
        guard run.last > run.first else { return run.layer.map(row) }
        let types = Set(run.layer.map(\.type)).sorted().joined(separator: ", ")
        let file = run.files.count == 1 ? run.files.first ?? "" : "\(run.files.count) files"
        return [
            ["\(run.prefix)\(run.first)-\(run.last)", types, "\(run.layer.count) tensors each", "\(run.bytes)", file]
        ]
    }
}
