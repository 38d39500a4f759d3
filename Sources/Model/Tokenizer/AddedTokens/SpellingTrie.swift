/// Some spellings, to find the longest that a text has at a place.
struct SpellingTrie {
    /// Marks that nothing begins with a byte, or that no spelling ends at a node.
    private static let none: Int32 = -1

    private var roots = [Int32](repeating: none, count: 0x100)
    private var children: [UInt64: Int32] = [:]
    private var ids: [Int32] = []

    /// Whether there are no spellings.
    var isEmpty: Bool { ids.isEmpty }

    /// Adds a spelling that is not empty.
    mutating func insert(_ content: [UInt8], id: Int32) {
        var node = Self.none
        for byte in content {
            let child = child(of: node, byte) ?? Int32(ids.count)
            if child == ids.count {
                ids.append(Self.none)
                if node == Self.none { roots[Int(byte)] = child } else { children[Self.edge(node, byte)] = child }
            }
            node = child
        }
        ids[Int(node)] = id
    }

    /// The first place from `start` on where one of the spellings is, and the longest that is there.
    func firstMatch(in text: [UInt8], from start: Int, to end: Int) -> (range: Range<Int>, id: Int32)? {
        var position = start
        while position < end {
            if roots[Int(text[position])] != Self.none, let match = longestMatch(in: text, at: position, to: end) {
                return match
            }
            position += 1
        }
        return nil
    }

    private func longestMatch(in text: [UInt8], at start: Int, to end: Int) -> (range: Range<Int>, id: Int32)? {
        var longest: (range: Range<Int>, id: Int32)?
        var node = Self.none
        var position = start
        while position < end, let child = child(of: node, text[position]) {
            position += 1
            node = child
            if ids[Int(node)] != Self.none { longest = (start..<position, ids[Int(node)]) }
        }
        return longest
    }

    private func child(of node: Int32, _ byte: UInt8) -> Int32? {
        guard node != Self.none else { return roots[Int(byte)] == Self.none ? nil : roots[Int(byte)] }
        return children[Self.edge(node, byte)]
    }

    private static func edge(_ node: Int32, _ byte: UInt8) -> UInt64 { UInt64(node) << 8 | UInt64(byte) }
}
