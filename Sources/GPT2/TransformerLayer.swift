import Checkpoint
import Kernels

/// The weights of one projection.
struct Projection {
    let weights: PackedMatrix
    let bias: Matrix

    init(_ loader: WeightLoader, _ name: String, depth: Int, columns: Int) throws(GPT2Error) {
        weights = try loader.packed(name + ".weight", depth: depth, columns: columns)
        bias = try loader.vector(name + ".bias", columns)
    }

    var byteCount: Int { weights.byteCount + bias.byteCount }
}

/// The weights of one layer norm.
struct LayerNormWeights {
    let scale: Matrix
    let shift: Matrix

    init(_ loader: WeightLoader, _ name: String, width: Int) throws(GPT2Error) {
        scale = try loader.vector(name + ".weight", width)
        shift = try loader.vector(name + ".bias", width)
    }

    var byteCount: Int { scale.byteCount + shift.byteCount }
}

/// One transformer layer of GPT-2: attention and MLP, each behind a layer norm and added to the residual stream
/// (Radford and others, Language Models are Unsupervised Multitask Learners, 2019).
struct TransformerLayer {
    let attentionNorm: LayerNormWeights
    let attentionInput: Projection
    let attentionOutput: Projection
    let innerNorm: LayerNormWeights
    let innerInput: Projection
    let innerOutput: Projection

    init(_ loader: WeightLoader, layer: Int, _ configuration: GPT2Configuration) throws(GPT2Error) {
        let (width, inner) = (configuration.width, configuration.innerWidth)
        attentionNorm = try LayerNormWeights(loader, "h.\(layer).ln_1", width: width)
        attentionInput = try Projection(loader, "h.\(layer).attn.c_attn", depth: width, columns: 3 * width)
        attentionOutput = try Projection(loader, "h.\(layer).attn.c_proj", depth: width, columns: width)
        innerNorm = try LayerNormWeights(loader, "h.\(layer).ln_2", width: width)
        innerInput = try Projection(loader, "h.\(layer).mlp.c_fc", depth: width, columns: inner)
        innerOutput = try Projection(loader, "h.\(layer).mlp.c_proj", depth: inner, columns: width)
    }

    var byteCount: Int {
        attentionNorm.byteCount + attentionInput.byteCount + attentionOutput.byteCount + innerNorm.byteCount
            + innerInput.byteCount + innerOutput.byteCount
    }

    /// Updates the residual stream `x` [rows, width] of a batch, whose keys and values go to layer `cacheLayer` of
    /// `cache`.
    func forward(
        _ x: Matrix, _ batch: [CachedRows], _ cache: KeyValueCache, cacheLayer: Int, _ scratch: LayerScratch,
        _ configuration: GPT2Configuration, _ team: ThreadTeam
    ) {
        let epsilon = configuration.layerNormEpsilon
        let (normal, update) = (scratch.normal, scratch.update)
        team.layerNorm(x, scale: attentionNorm.scale, shift: attentionNorm.shift, epsilon: epsilon, into: normal)
        team.multiply(
            normal, by: attentionInput.weights, bias: attentionInput.bias, into: scratch.projection)
        team.store(scratch.projection, layer: cacheLayer, batch, cache)
        team.attend(scratch.projection, layer: cacheLayer, batch, cache, into: normal)
        team.multiply(normal, by: attentionOutput.weights, bias: attentionOutput.bias, into: update)
        team.add(update, to: x)

        team.layerNorm(x, scale: innerNorm.scale, shift: innerNorm.shift, epsilon: epsilon, into: normal)
        let activation: Activation = configuration.activation == .gelu ? .geluByErf : .geluByTanh
        team.multiply(normal, by: innerInput.weights, bias: innerInput.bias, then: activation, into: scratch.inner)
        team.multiply(scratch.inner, by: innerOutput.weights, bias: innerOutput.bias, into: update)
        team.add(update, to: x)
    }
}

/// Room for what a layer computes on the way, shared by all layers of a batch.
struct LayerScratch {
    let normal: Matrix
    let update: Matrix
    let projection: Matrix
    let inner: Matrix

    init(rows: Int, _ configuration: GPT2Configuration) {
        normal = Matrix(rows: rows, columns: configuration.width)
        update = Matrix(rows: rows, columns: configuration.width)
        projection = Matrix(rows: rows, columns: 3 * configuration.width)
        inner = Matrix(rows: rows, columns: configuration.innerWidth)
    }
}
