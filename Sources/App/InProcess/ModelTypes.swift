import Kernels

/// The types in which a model is computed.
package struct ModelTypes: Sendable {
    package let weights: PackedType
    package let cache: CacheType

    package init(weights: PackedType, cache: CacheType) { (self.weights, self.cache) = (weights, cache) }
}
