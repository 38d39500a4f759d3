/// The index of the prefix cache: a tree of blocks, with the tokens whose keys and values each of them holds. A prompt
/// finds the longest beginning of itself that has been run before.
///
/// Tokens are compared, not only their hashes, so a sequence never gets another text's keys and values.
struct PrefixIndex: Sendable {
    /// A name for the tokens of a full block and all blocks before it; 0 is the empty beginning.
    typealias ContentID = UInt64

    /// The most blocks that are compared at one node of the tree.
    private static let alternatives = 64

    private struct Content {
        var id: ContentID
        var parent: ContentID
        var tokens: [Int32]
    }

    private struct Branch: Hashable {
        var parent: ContentID
        var token: Int32
    }

    private var contents: [UInt32: Content] = [:]
    private var branches: [Branch: [UInt32]] = [:]
    private var lastID: ContentID = 0

    func isKnown(_ block: UInt32) -> Bool { contents[block] != nil }

    func id(of block: UInt32) -> ContentID? { contents[block]?.id }

    /// The block after `parent` that begins most like `tokens`, and how many of them it has.
    func longest(after parent: ContentID, tokens: ArraySlice<Int32>) -> (block: UInt32, count: Int)? {
        guard let first = tokens.first else { return nil }
        var best: (block: UInt32, count: Int)?
        for block in branches[Branch(parent: parent, token: first)] ?? [] {
            let count = zip(contents[block]?.tokens ?? [], tokens).prefix { $0 == $1 }.count
            if count > best?.count ?? 0 { best = (block, count) }
        }
        return best
    }

    /// Enters what a block holds, in place of what it held before, unless another block holds the same. If there are too
    /// many alternatives, the one entered first is forgotten. Returns the name of the content, in this block or the other.
    mutating func enter(_ block: UInt32, after parent: ContentID, tokens: ArraySlice<Int32>) -> ContentID? {
        let known = contents[block]?.id
        remove(block)
        guard let first = tokens.first else { return nil }
        if let other = longest(after: parent, tokens: tokens), other.count == tokens.count {
            return id(of: other.block)
        }
        let branch = Branch(parent: parent, token: first)
        if let known = branches[branch], known.count == Self.alternatives { remove(known[0]) }
        if known == nil { lastID += 1 }
        let content = Content(id: known ?? lastID, parent: parent, tokens: Array(tokens))
        contents[block] = content
        branches[branch, default: []].append(block)
        return content.id
    }

    /// Forgets what a block holds.
    mutating func remove(_ block: UInt32) {
        guard let content = contents.removeValue(forKey: block), let first = content.tokens.first else { return }
        let branch = Branch(parent: content.parent, token: first)
        branches[branch]?.removeAll { $0 == block }
        if branches[branch]?.isEmpty == true { branches[branch] = nil }
    }
}
