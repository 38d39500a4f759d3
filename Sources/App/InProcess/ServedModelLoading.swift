import Engine
import Foundation
import GPT2
import Kernels
import Messages
import ModelFiles
import Planning
import StageExecution
import Tokenizer

extension ServedModel {
    /// What a coordinator needs to know of the model in a directory. Reads the weights once for their digests, which are
    /// kept beside them.
    /// - Throws: ``ServedModelError``, `GPT2Error`, `ModelFileError`, `TokenizerError`: one line that names the file.
    package init(_ model: LocalModel, types: ModelTypes, progress: (_ done: Int, _ total: Int) -> Void) throws {
        let configuration = model.configuration
        let tokenizer = try BytePairTokenizer(directory: model.tokenizerDirectory)
        // Added tokens may lie beyond: a declared padding token that the model was never trained with does no harm.
        guard tokenizer.ownVocabularySize <= configuration.vocabularySize else {
            throw ServedModelError.vocabularyTooLarge(
                directory: model.tokenizerDirectory, tokens: tokenizer.ownVocabularySize,
                vocabularySize: configuration.vocabularySize)
        }
        // A coordinator loads no weights: without this a wrong shape would show only in its workers.
        _ = try model.checkTensors()
        let identity = try model.identity(progress: progress)
        let digests = identity.groups.map { ($0.group.description, $0.digest.bytes) }
        let cost = PipelineStage.multiplyAdds(configuration)
        self.init(
            name: URL(fileURLWithPath: model.directory).standardizedFileURL.lastPathComponent,
            description: ModelDescription(configuration, types), vocabularySize: configuration.vocabularySize,
            multiplyAdds: (perLayer: Double(cost.perLayer), head: Double(cost.head)), tokenizer: tokenizer,
            digests: ModelDigests(
                configuration: model.configurationDigest.bytes, groups: Dictionary(uniqueKeysWithValues: digests),
                identity: identity.digest.bytes, tokenizer: tokenizer.identity),
            numericsVersion: Numerics.version)
        try takeGenerationDefaults(model)
        unusedIDs = Self.bits(
            of: tokenizer.idsWithoutText(below: configuration.vocabularySize),
            vocabularySize: configuration.vocabularySize)
        weightType = TensorType(types.weights)
        cacheType = TensorType(types.cache)
    }

    private mutating func takeGenerationDefaults(_ model: LocalModel) throws(ModelFileError) {
        let defaults = try GenerationDefaults(directory: model.directory, vocabularySize: vocabularySize)
        // A tokenizer may have tokens that the model does not have.
        let isOurs = { [vocabularySize] (token: Int32) in Int(token) < vocabularySize }
        endTokens = defaults.endTokens ?? [tokenizer.endOfText].compactMap(\.self).filter(isOurs)
        startOfText = tokenizer.startOfText.flatMap { isOurs($0) ? $0 : nil } ?? endTokens.first
        samplingDefaults = SamplingSettings(
            temperature: defaults.temperature ?? 1, topK: defaults.topK ?? 0, topP: defaults.topP ?? 1,
            minP: defaults.minP ?? 0, repetitionPenalty: defaults.repetitionPenalty ?? 1)
        notices = defaults.notice.map { [$0] } ?? []
    }
}
