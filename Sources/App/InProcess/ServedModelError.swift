/// A model's files that do not go together; one line for people.
package enum ServedModelError: Error, Equatable, CustomStringConvertible {
    /// The tokenizer has more tokens than the model.
    case vocabularyTooLarge(directory: String, tokens: Int, vocabularySize: Int)

    package var description: String {
        switch self {
        case .vocabularyTooLarge(let directory, let tokens, let vocabularySize):
            "\(directory): vocab.json has \(tokens) tokens, and config.json says vocab_size \(vocabularySize)"
        }
    }
}
