import Crypto

/// SHA-256 over what a tokenizer is, in a canonical form: the same for the same tokenizer, whatever files it came from.
struct TokenizerIdentity {
    private var hash = SHA256()
    private var waiting: [UInt8] = []

    /// The identity of a tokenizer: the bytes of each id, the merges by rank, the added tokens, the prefix space, and the
    /// tokens around a text.
    static func of(
        tokenBytes: [[UInt8]?], merges: MergeList, added: AddedVocabulary, addsPrefixSpace: Bool,
        template: TokenTemplate
    ) -> [UInt8] {
        var identity = TokenizerIdentity()
        identity.add(Array("paceline tokenizer 1".utf8))
        identity.add(tokenBytes.count)
        for bytes in tokenBytes {
            identity.add(bytes == nil ? 0 : 1)
            if let bytes { identity.add(bytes) }
        }
        identity.add(merges.merges.count)
        for merge in merges.merges { for id in [merge.left, merge.right, merge.result] { identity.add(Int(id)) } }
        identity.add(added)
        identity.add(addsPrefixSpace ? 1 : 0)
        for tokens in [template.prefix, template.suffix] {
            identity.add(tokens.count)
            for token in tokens { identity.add(Int(token)) }
        }
        identity.hash.update(data: identity.waiting)
        return Array(identity.hash.finalize())
    }

    /// The two searches are told apart only where both have something to find: without a normalizer, files that put all
    /// tokens into the one or into the other say the same.
    private mutating func add(_ added: AddedVocabulary) {
        let searches = [false, true].map { Set(added.contents(normalized: $0)) }
        let areBothUsed = searches.allSatisfy { !$0.isEmpty }
        let all = added.all
        add(all.count)
        for (id, token) in all {
            add(Int(id))
            add(token.content)
            var flags = [added.isSpecial(token.content), token.isSingleWord, token.stripsLeft, token.stripsRight]
            if areBothUsed { flags += searches.map { $0.contains(token.content) } }
            for flag in flags { add(flag ? 1 : 0) }
        }
    }

    private mutating func add(_ bytes: [UInt8]) {
        add(bytes.count)
        waiting += bytes
    }

    /// Adds a number as eight bytes, little-endian.
    private mutating func add(_ number: Int) {
        for shift in stride(from: 0, to: 64, by: 8) { waiting.append(UInt8(truncatingIfNeeded: number >> shift)) }
        guard waiting.count >= 1 << 16 else { return }
        hash.update(data: waiting)
        waiting.removeAll(keepingCapacity: true)
    }
}
