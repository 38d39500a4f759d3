import Kernels
import ModelFiles

/// A contiguous range of a model's layers with their weights and KV cache; the first stage also embeds, the last has the
/// output head. One thread owns it.
///
/// The numbers of a sequence do not depend on what else is in a batch, on how its positions are cut into batches, on the
/// number of threads, or on how the layers are cut into stages.
public final class PipelineStage {
    /// The model's configuration.
    public let configuration: GPT2Configuration
    /// The layers of this stage.
    public let layers: Range<Int>
    /// Blocks of 16 positions in the KV cache.
    public let blockCount: Int
    /// How its weights are packed.
    public let weightType: PackedType
    let backend: Backend
    let transformerLayers: [TransformerLayer]
    let head: OutputHead?
    private let embedding: Embedding?
    let cache: KeyValueCache
    /// For what is computed on the way, and logits.
    let pool = MatrixPool()

    /// Reads the weights of `layers`, with all threads of `backend`; `progress` gets bytes of the checkpoint. Weights are
    /// packed as `weights` says, nil being the type of a packed model and f32 of others, and keys and values stored as
    /// `cache` says: both show in the numbers. Throws ``GPT2Error/layers(_:layerCount:)``,
    /// ``GPT2Error/blockCount(_:)``, ``GPT2Error/weights(_:)`` or
    /// ``GPT2Error/kernels(_:)``.
    public init(
        configuration: GPT2Configuration, files: ModelWeights, layers: Range<Int>, blockCount: Int,
        weights: PackedType? = nil, cache type: CacheType = .f32, backend: Backend,
        progress: ((_ done: Int, _ total: Int) -> Void)? = nil
    ) throws(GPT2Error) {
        guard layers.lowerBound >= 0, layers.upperBound <= configuration.layerCount, !layers.isEmpty else {
            throw .layers(layers, layerCount: configuration.layerCount)
        }
        guard blockCount >= 1, blockCount <= Int(Int32.max) else {
            throw .blockCount(blockCount)
        }
        (self.configuration, self.layers, self.blockCount, self.backend) = (configuration, layers, blockCount, backend)
        do {
            try Processor.requireSupported()
            cache = try KeyValueCache(
                layerCount: layers.count, blockCount: blockCount, headCount: configuration.headCount,
                headWidth: configuration.headWidth, type: type)
        } catch {
            throw .kernels(error)
        }
        let isLast = layers.upperBound == configuration.layerCount
        do throws(ModelFileError) {
            // Embeddings are mapped and read later, so they are not loaded.
            let groups = layers.map(TensorGroup.layer) + (isLast ? [.head] : [])
            let loader = try WeightLoader(files, type: weights, groups: groups, backend: backend, progress: progress)
            weightType = loader.type
            var transformerLayers: [TransformerLayer] = []
            for layer in layers { transformerLayers.append(try TransformerLayer(loader, layer: layer, configuration)) }
            self.transformerLayers = transformerLayers
            let head = isLast ? try OutputHead(loader, configuration) : nil
            self.head = head
            if layers.lowerBound == 0 {
                let tokens = try TokenTable(
                    loader, configuration, head: files.isHeadTied ? head?.weights : nil, backend: backend)
                embedding = try Embedding(loader, tokens: tokens, configuration)
            } else {
                embedding = nil
            }
            loader.finish()
        } catch {
            throw .weights(error)
        }
    }

    /// Whether it embeds the tokens.
    public var isFirst: Bool { layers.lowerBound == 0 }

    /// Whether it has the output head.
    public var isLast: Bool { layers.upperBound == configuration.layerCount }

    /// How keys and values are stored.
    public var cacheType: CacheType { cache.type }

    /// Memory that the weights take, in bytes, shared with other processes where they are mapped; embeddings stay in the
    /// mapped file and are not counted.
    public var weightBytes: Int { transformerLayers.reduce(head?.byteCount ?? 0) { $0 + $1.byteCount } }

    /// Memory that the KV cache takes once all its blocks are used, in bytes.
    public var cacheBytes: Int { cache.byteCount }

    /// Runs the stage's layers over the rows of a batch (the slices in order, each token a row), after the `copies`, and
    /// writes keys and values to the slices' blocks.
    ///
    /// The first stage takes no `activations` and embeds the tokens; the others take what the stage before returned. Gives
    /// [rows, width], before the final layer norm. `headFollows` says that the end is not near yet after the last layer.
    /// Throws ``GPT2Error/batch(reason:)`` or ``GPT2Error/kernels(_:)`` before anything is touched, or ``GPT2Error/nonFinite(layer:)``, after which
    /// the written blocks hold nothing of use.
    public func forward(
        _ slices: [SequenceSlice], copies: [BlockCopy] = [], activations: Matrix?,
        observer: (any StageObserver)? = nil, headFollows: Bool = false
    ) throws(GPT2Error) -> Matrix {
        let rules = BatchRules(
            vocabularySize: configuration.vocabularySize, context: configuration.contextLength, blockCount: blockCount)
        let batch = try rules.check(slices, copies)
        try requireMemory(rows: slices.reduce(0) { $0 + $1.tokens.count })
        let x = try input(slices, activations)
        for copy in copies { cache.copyBlock(from: copy.from, to: copy.to) }
        let scratch = LayerScratch(rows: x.rows, configuration, weightType, pool)
        let pass = LayerPass(batch, cache, scratch, configuration, backend)
        for (index, layer) in transformerLayers.enumerated() {
            let endsBatch = index == transformerLayers.count - 1 && !headFollows
            layer.forward(x, in: pass, cacheLayer: index, nearEnd: endsBatch ? observer?.endIsNear : nil)
            guard x.isFinite else { throw .nonFinite(layer: layers.lowerBound + index) }
            observer?.partFinished()
        }
        return x
    }

    /// Final layer norm and head for the given rows of what `forward` returned: logits [rows.count, vocabulary size].
    /// Memory grows with the rows, so ask for some at a time, with the `observer` for the last. Throws
    /// ``GPT2Error/batch(reason:)`` or ``GPT2Error/nonFinite(layer:)``.
    public func logits(
        rows: [Int], of activations: Matrix, observer: (any StageObserver)? = nil
    ) throws(GPT2Error) -> Matrix {
        guard let head else { throw .batch(reason: "a stage without the last layer has no logits") }
        guard activations.columns == configuration.width else { throw wrongWidth(activations) }
        for row in rows where row < 0 || row >= activations.rows {
            throw .batch(reason: "logits of row \(row), there are \(activations.rows)")
        }
        let logits = head.logits(activations.selecting(rows: rows), backend, pool, nearEnd: observer?.endIsNear)
        guard backend.isFinite(logits) else { throw .nonFinite(layer: nil) }
        return logits
    }

    /// Hands each row of logits to `body`, on any of the stage's threads, and gives what it makes of them, in order.
    public func mapRows<Result: Sendable>(
        of logits: Matrix, _ body: @escaping @Sendable (_ row: Int, _ logits: Span<Float>) -> Result
    ) -> [Result] {
        backend.mapRows(of: logits, body)
    }

    /// The residual stream before the stage's first layer, in memory of its own.
    private func input(_ slices: [SequenceSlice], _ activations: Matrix?) throws(GPT2Error) -> Matrix {
        if let embedding {
            guard activations == nil else { throw .batch(reason: "the first stage takes tokens, not activations") }
            return try embedding.embed(slices)
        }
        guard let activations else { throw .batch(reason: "no activations from the stage before") }
        let rows = slices.reduce(0) { $0 + $1.tokens.count }
        guard activations.rows == rows else {
            throw .batch(reason: "\(activations.rows) rows of activations for \(rows) tokens")
        }
        guard activations.columns == configuration.width else { throw wrongWidth(activations) }
        return activations.selecting(rows: Array(0..<rows))
    }

    private func wrongWidth(_ activations: Matrix) -> GPT2Error {
        .batch(reason: "activations \(activations.columns) wide, the model is \(configuration.width)")
    }
}
