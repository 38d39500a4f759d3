import Engine
import Foundation
import Messages
import Planning
import TestSupport
import Tokenizer

/// A served model with the demo cluster's tokenizer, and a context as short as a test likes.
package enum Demo {
    package static let endOfText: Int32 = 8_191
    package static let vocabularySize = 8_192
    package static let layerCount = 8
    package static let numericsVersion: UInt32 = 7

    private static let loaded = Result {
        try BytePairTokenizer(directory: Repository.demoModel)
    }

    package static func tokenizer() throws -> BytePairTokenizer { try loaded.get() }

    package static func model(context: Int = 48, endOfText: Int32? = Demo.endOfText) throws -> ServedModel {
        var model = ServedModel(
            name: "demo", description: description(context: context), vocabularySize: vocabularySize,
            multiplyAdds: (perLayer: 30e6, head: 105e6), tokenizer: try tokenizer(),
            digests: ModelDigests(
                configuration: digest(200), groups: digests, identity: digest(201), tokenizer: digest(202)),
            numericsVersion: numericsVersion)
        model.endTokens = endOfText.map { [$0] } ?? []
        model.startOfText = endOfText
        return model
    }

    /// Layers that take long enough for ways between machines not to matter, and next to no memory.
    package static func description(context: Int) -> ModelDescription {
        ModelDescription(
            layerCount: layerCount, context: context,
            weights: WeightBytes(layer: 1 << 10, head: 1 << 10, embedding: 1 << 10), blockBytesPerLayer: 1 << 10,
            activationBytesPerRow: 768)
    }

    package static func digest(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

    private static var digests: [String: [UInt8]] {
        var digests = ["embedding": digest(100), "head": digest(101)]
        for layer in 0..<layerCount { digests["layer \(layer)"] = digest(UInt8(layer)) }
        return digests
    }

    /// What a stage with these layers says when it has loaded them.
    package static func groupDigests(of layers: Range<Int>) -> [GroupDigest] {
        var groups = layers.map { "layer \($0)" }
        if layers.lowerBound == 0 { groups.append("embedding") }
        if layers.upperBound == layerCount { groups.append("head") }
        return groups.map { GroupDigest(group: $0, sha256: digests[$0] ?? []) }
    }

    package static func tokens(_ text: String) throws -> [Int32] { try tokenizer().encode(text) }

    package static func text(_ tokens: [Int32]) throws -> String { try tokenizer().decode(tokens) }
}

extension Prompt {
    package static func text(_ text: String) -> Prompt { Prompt(content: .text(Array(text.utf8))) }
    package static func tokens(_ tokens: [Int32]) -> Prompt { Prompt(content: .tokens(tokens)) }
}
