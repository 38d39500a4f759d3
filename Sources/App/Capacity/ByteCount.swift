/// Bytes as a person writes them: 2G is 2 × 1024³.
package struct ByteCount: Equatable, Sendable {
    package let bytes: Int

    package init?(argument: String) {
        let units = ["K": 10, "M": 20, "G": 30, "T": 40]
        let shift = argument.last.flatMap { units[String($0).uppercased()] }
        guard let number = Double(shift == nil ? argument : String(argument.dropLast())) else { return nil }
        let bytes = number * Double(1 << (shift ?? 0))
        guard bytes >= 1, bytes <= Double(1 << 60) else { return nil }
        self.bytes = Int(bytes)
    }
}
