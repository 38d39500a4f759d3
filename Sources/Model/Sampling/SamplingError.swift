/// What is wrong with a request to sample or score.
public enum SamplingError: Error, Equatable, CustomStringConvertible {
    /// A field of `SamplingParameters`, or an argument, is outside of its range.
    case outOfRange(field: String, value: String, allowed: String)
    /// A token id in `field` is not in the vocabulary.
    case unknownToken(field: String, token: Int32, vocabularySize: Int)
    /// The model made a logit that is infinite or NaN.
    case nonFiniteLogit(token: Int, value: String)
    /// Tokens never to be sampled that are no part of the vocabulary, or all of it.
    case tokenSet(reason: String)
    /// There are no logits.
    case noLogits

    public var description: String {
        switch self {
        case .outOfRange(let field, let value, let allowed):
            "\(field) is \(value), but must be \(allowed)"
        case .unknownToken(let field, let token, let vocabularySize):
            "\(field) has token \(token), but the vocabulary has tokens 0 to \(vocabularySize - 1)"
        case .nonFiniteLogit(let token, let value):
            "the model's logit of token \(token) is \(value), not a finite number"
        case .tokenSet(let reason):
            "tokens never to be sampled: \(reason)"
        case .noLogits:
            "there are no logits to choose from"
        }
    }
}
