import Kernels
import ModelFiles

/// The weights of one projection.
struct Projection {
    let weights: PackedMatrix
    let bias: Matrix

    init(
        _ loader: WeightLoader, _ weight: TensorRole, _ bias: TensorRole, depth: Int, columns: Int
    ) throws(ModelFileError) {
        weights = try loader.packed(weight, depth: depth, columns: columns)
        self.bias = try loader.vector(bias, columns)
    }

    var byteCount: Int { weights.byteCount + bias.byteCount }
}

/// The weights of one layer norm.
struct LayerNormWeights {
    let scale: Matrix
    let shift: Matrix

    init(_ loader: WeightLoader, _ weight: TensorRole, _ bias: TensorRole, width: Int) throws(ModelFileError) {
        scale = try loader.vector(weight, width)
        shift = try loader.vector(bias, width)
    }

    var byteCount: Int { scale.byteCount + shift.byteCount }
}

/// One transformer layer of GPT-2: attention and MLP, each behind a layer norm and added to the residual stream
/// (Radford and others, Language Models are Unsupervised Multitask Learners, 2019).
struct TransformerLayer {
    let attentionNorm: LayerNormWeights
    let qkvProjection: Projection
    let outputProjection: Projection
    let mlpNorm: LayerNormWeights
    let mlpUp: Projection
    let mlpDown: Projection
    /// What the attention scores are multiplied by.
    private let attentionScale: Float

    init(_ loader: WeightLoader, layer: Int, _ configuration: GPT2Configuration) throws(ModelFileError) {
        func role(_ tensor: LayerTensor) -> TensorRole { .layer(layer, tensor) }
        let (width, inner) = (configuration.width, configuration.innerWidth)
        attentionScale = Kernels.attentionScale(
            headWidth: configuration.headWidth, isRooted: configuration.scalesAttention,
            divisor: configuration.scalesAttentionByLayer ? layer + 1 : 1)
        attentionNorm = try LayerNormWeights(
            loader, role(.attentionNormWeight), role(.attentionNormBias), width: width)
        qkvProjection = try Projection(
            loader, role(.qkvWeight), role(.qkvBias), depth: width, columns: 3 * width)
        outputProjection = try Projection(
            loader, role(.outputProjectionWeight), role(.outputProjectionBias), depth: width, columns: width)
        mlpNorm = try LayerNormWeights(loader, role(.mlpNormWeight), role(.mlpNormBias), width: width)
        mlpUp = try Projection(loader, role(.mlpUpWeight), role(.mlpUpBias), depth: width, columns: inner)
        mlpDown = try Projection(loader, role(.mlpDownWeight), role(.mlpDownBias), depth: inner, columns: width)
    }

    var byteCount: Int {
        attentionNorm.byteCount + qkvProjection.byteCount + outputProjection.byteCount + mlpNorm.byteCount
            + mlpUp.byteCount + mlpDown.byteCount
    }

    /// Updates the residual stream `x` [rows, width] of a batch, whose keys and values go to layer `cacheLayer` of the
    /// cache. `nearEnd` is called once when little work is left.
    func forward(_ x: Matrix, in pass: LayerPass, cacheLayer: Int, nearEnd: (() -> Void)? = nil) {
        for step in steps(x, in: pass, cacheLayer: cacheLayer, nearEnd: nearEnd) { step.run() }
    }

    /// The same, step by step, so that each can be timed.
    func steps(_ x: Matrix, in pass: LayerPass, cacheLayer: Int, nearEnd: (() -> Void)? = nil) -> [LayerStep] {
        let (backend, scratch) = (pass.backend, pass.scratch)
        func norm(_ weights: LayerNormWeights) {
            backend.layerNorm(
                x, scale: weights.scale, shift: weights.shift, epsilon: pass.epsilon, into: scratch.normal)
        }
        func addProduct(_ input: ProductInput, _ projection: Projection, nearEnd: (() -> Void)? = nil) {
            backend.multiply(
                input, by: projection.weights, bias: projection.bias, addingTo: x, product: scratch.update,
                nearEnd: nearEnd)
        }
        return [
            LayerStep(name: "layer norms") { norm(attentionNorm) },
            LayerStep(name: "attn.c_attn") {
                backend.multiply(
                    scratch.normal, by: qkvProjection.weights, bias: qkvProjection.bias, into: scratch.qkv)
            },
            LayerStep(name: "attention") {
                backend.attend(
                    scratch.qkv, layer: cacheLayer, pass.batch, pass.cache, scale: attentionScale,
                    into: scratch.normal)
            },
            LayerStep(name: "attn.c_proj") { addProduct(scratch.normal, outputProjection) },
            LayerStep(name: "layer norms") { norm(mlpNorm) },
            LayerStep(name: "mlp.c_fc with GELU") {
                backend.multiply(
                    scratch.normal, by: mlpUp.weights, bias: mlpUp.bias, then: pass.activation, into: scratch.hidden)
            },
            LayerStep(name: "mlp.c_proj") { addProduct(scratch.hidden, mlpDown, nearEnd: nearEnd) },
        ]
    }
}

/// What all layers share while they compute a batch.
struct LayerPass {
    let batch: [CachedRows]
    let cache: KeyValueCache
    let scratch: LayerScratch
    let backend: Backend
    /// The MLP's activation function.
    let activation: Activation
    /// The layer norms' epsilon.
    let epsilon: Float

    init(
        _ batch: [CachedRows], _ cache: KeyValueCache, _ scratch: LayerScratch, _ configuration: GPT2Configuration,
        _ backend: Backend
    ) {
        (self.batch, self.cache, self.scratch, self.backend) = (batch, cache, scratch, backend)
        activation = Activation(configuration.activation)
        epsilon = configuration.layerNormEpsilon
    }
}

extension Activation {
    fileprivate init(_ function: ActivationFunction) {
        switch function {
        case .geluNew: self = .geluByTanh
        case .gelu: self = .geluByErf
        case .relu: self = .relu
        case .silu: self = .silu
        }
    }
}

/// A step of a layer's computation.
struct LayerStep {
    let name: String
    let run: () -> Void
}

/// Scratch buffers for the intermediate results of a layer, shared by all layers of a batch.
struct LayerScratch {
    /// The output of a layer norm or of attention, [rows, width].
    let normal: ProductInput
    /// A product before it is added to the residual stream, [rows, width].
    let update: Matrix
    /// Queries, keys and values, [rows, 3 × width].
    let qkv: Matrix
    /// The MLP's hidden activations, [rows, inner width].
    let hidden: ProductInput

    init(rows: Int, _ configuration: GPT2Configuration, _ type: PackedType, _ pool: MatrixPool) {
        normal = ProductInput(rows: rows, depth: configuration.width, for: type, from: pool)
        update = pool.matrix(rows: rows, columns: configuration.width)
        qkv = pool.matrix(rows: rows, columns: 3 * configuration.width)
        hidden = ProductInput(rows: rows, depth: configuration.innerWidth, for: type, from: pool)
    }
}
