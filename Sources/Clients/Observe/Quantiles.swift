/// The middle value, the mean of the middle two where their number is even; 0 of none.
package func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}

/// The least value that is no less than a share, from 0 to 1, of all values; 0 of none.
package func percentile(_ values: [Double], _ share: Double) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    let rank = Int((share * Double(sorted.count)).rounded(.up))
    return sorted[min(max(rank, 1), sorted.count) - 1]
}

/// Where the values of a measurement lie; as JSON with names in snake case.
package struct Spread: Encodable, Sendable, Equatable {
    package let median: Double
    package let percentile95: Double
    package let worst: Double

    package init(_ values: [Double]) {
        median = percentile(values, 0.5)
        percentile95 = percentile(values, 0.95)
        worst = values.max() ?? 0
    }
}
