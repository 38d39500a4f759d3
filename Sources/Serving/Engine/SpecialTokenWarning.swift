import Messages
import Tokenizer

extension BytePairTokenizer {
    /// A line for people where a text that is taken as characters holds spellings of special tokens.
    public func warning(ofSpecialTokensIn text: [UInt8]) -> String? {
        guard let endOfText, let spelling = bytes(of: endOfText), text.contains(spelling) else { return nil }
        let name = String(decoding: spelling, as: UTF8.self)
        return "the text holds \(name) as characters: if the token is meant, ask for special tokens (--special-tokens)"
    }
}
