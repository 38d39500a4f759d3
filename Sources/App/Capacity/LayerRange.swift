/// `--layers 0-3`: both ends belong to it.
package struct LayerRange: Sendable {
    package let layers: ClosedRange<Int>

    package init?(argument: String) {
        let ends = argument.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        switch ends.count {
        case 1:
            guard let only = ends[0], only >= 0 else { return nil }
            layers = only...only
        case 2:
            guard let first = ends[0], let last = ends[1], 0 <= first, first <= last, last < 1 << 20 else { return nil }
            layers = first...last
        default: return nil
        }
    }
}
