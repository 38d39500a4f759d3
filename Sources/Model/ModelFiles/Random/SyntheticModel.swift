import Kernels
import Synchronization

/// A GPT-2 as it is before training: random weights, the same for the same configuration, seed and type on every
/// machine. As large as a trained one and as slow, so that speed can be measured without one.
public struct SyntheticModel: Sendable {
    /// How its weights are stored.
    public enum StoredType: String, Sendable, CaseIterable {
        case f32, f16, bf16

        var element: ElementType {
            switch self {
            case .f32: .f32
            case .f16: .f16
            case .bf16: .bf16
            }
        }

        /// What PyTorch calls it.
        var torchName: String {
            switch self {
            case .f32: "float32"
            case .f16: "float16"
            case .bf16: "bfloat16"
            }
        }
    }

    public let configuration: GPT2Configuration
    public let type: StoredType
    private let tensors: [ModelTensor]
    private let numbers: NormalNumbers

    public init(configuration: GPT2Configuration, type: StoredType, seed: UInt64) {
        (self.configuration, self.type) = (configuration, type)
        tensors = configuration.tensors()
        numbers = NormalNumbers(seed: seed)
    }

    /// Number of weights.
    public var parameterCount: Int { tensors.reduce(0) { $0 + $1.elementCount } }

    /// Size of the weights on disk.
    public var byteCount: Int { parameterCount * type.element.byteWidth }

    /// Writes the weights and, after them, config.json into `directory`, in Hugging Face's layout. `progress` is called
    /// with bytes; what it throws ends the writing. Throws `ModelFileError` where the disk refuses.
    public func write(to directory: String, team: ThreadTeam, progress: (_ done: Int, _ total: Int) throws -> Void)
        throws
    {
        switch type {
        case .f32: try writeWeights(directory, team, progress) { $0.bitPattern.littleEndian }
        case .f16: try writeWeights(directory, team, progress) { Float16($0).bitPattern.littleEndian }
        case .bf16: try writeWeights(directory, team, progress) { $0.roundedToBF16.littleEndian }
        }
        try configuration.write(to: directory, type: type.torchName, endOfText: configuration.vocabularySize - 1)
    }

    private func writeWeights<Stored: BitwiseCopyable & Sendable>(
        _ directory: String, _ team: ThreadTeam, _ progress: (_ done: Int, _ total: Int) throws -> Void,
        store: @escaping @Sendable (Float) -> Stored
    ) throws {
        let element = type.element
        var writer = try CheckpointWriter(
            directory: directory,
            tensors: tensors.map {
                SafetensorsWriter.Declaration(
                    name: NameMap.huggingFace.name(of: $0.role), type: element, shape: $0.shape)
            },
            // By which other programs tell that projections are stored as PyTorch has them.
            metadata: ["format": "pt"])
        // Elements are numbered through the whole model, so that no two share a random number.
        var (tensorStart, done) = (0, 0)
        for tensor in tensors {
            let end = tensorStart + tensor.elementCount
            var start = tensorStart
            while start < end {
                for piece in pieces(of: tensor.initial, start..<end, team, store: store) {
                    try writer.append(piece.span.bytes, to: NameMap.huggingFace.name(of: tensor.role))
                    start += piece.count
                    done += piece.count * element.byteWidth
                }
                try progress(done, byteCount)
            }
            tensorStart = end
        }
        try writer.finish()
    }

    private static let pieceCount = 1 << 16

    /// The next elements of a tensor, some pieces for each thread.
    private func pieces<Stored: Sendable>(
        of initial: ModelTensor.Initial, _ elements: Range<Int>, _ team: ThreadTeam,
        store: @escaping @Sendable (Float) -> Stored
    ) -> [[Stored]] {
        let parts = min((elements.count - 1) / Self.pieceCount + 1, 8 * team.threadCount)
        let pieces = Mutex([[Stored]](repeating: [], count: parts))
        let numbers = numbers
        team.run(parts) { part in
            let start = elements.lowerBound + part * Self.pieceCount
            let range = start..<min(start + Self.pieceCount, elements.upperBound)
            let piece: [Stored] =
                switch initial {
                case .constant(let value): Array(repeating: store(value), count: range.count)
                case .normal(let deviation): numbers.values(range, scale: deviation).map(store)
                }
            pieces.withLock { $0[part] = piece }
        }
        return pieces.withLock { $0 }
    }
}

extension Float {
    /// The upper half of the bits, rounded to the nearest, ties to even; for finite numbers.
    fileprivate var roundedToBF16: UInt16 {
        UInt16(truncatingIfNeeded: (bitPattern &+ 0x7FFF &+ (bitPattern >> 16 & 1)) >> 16)
    }
}
