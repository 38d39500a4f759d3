import Messages
import Tokenizer

extension BytePairTokenizer {
    /// A line for people where a text that is taken as characters holds spellings of special tokens.
    public func warning(ofSpecialTokensIn text: [UInt8]) -> String? {
        guard let name = firstSpecialToken(in: text) else { return nil }
        return "the text holds \(name) as characters: if the token is meant, ask for special tokens (--special-tokens)"
    }
}
