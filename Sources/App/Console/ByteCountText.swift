import Foundation

/// Sizes for people, in powers of 1000.
package enum ByteCountText {
    package static func text(_ byteCount: Int) -> String {
        let units = [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)]
        guard let (name, size) = units.first(where: { Double(byteCount) >= $0.1 }) else { return "\(byteCount) B" }
        return String(format: "%.2f %@", Double(byteCount) / size, name)
    }
}
