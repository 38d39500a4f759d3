/// The classes of code points that the pre-tokenizer tells apart.
enum ScalarClass: UInt8 {
    case other
    case letter
    case number
    case whitespace
}

/// The class of every code point.
///
/// The classes come from a committed table and not from the Swift runtime, whose Unicode version is another one than
/// the reference's and grows with the toolchain: the same text must give the same tokens on every machine.
struct ScalarClassTable {
    /// The only table, made on first use.
    static let shared = ScalarClassTable()

    /// One byte for each code point up to the last that is a letter, number or space (about 200 kB, of which a text
    /// touches little): no lookup is quicker or simpler.
    private let classes: [ScalarClass]

    private init() {
        var classes: [ScalarClass] = []
        Self.fill(&classes, with: .letter, ScalarClassRanges.letter)
        Self.fill(&classes, with: .number, ScalarClassRanges.number)
        Self.fill(&classes, with: .whitespace, ScalarClassRanges.whitespace)
        self.classes = classes
    }

    private static func fill(_ classes: inout [ScalarClass], with scalarClass: ScalarClass, _ ranges: String) {
        for range in ranges.split(separator: " ") {
            let bounds = range.split(separator: "-").map { Int($0, radix: 16)! }
            let (first, last) = (bounds[0], bounds[bounds.count - 1])
            if classes.count <= last {
                classes += Array(repeating: .other, count: last + 1 - classes.count)
            }
            for codePoint in first...last {
                classes[codePoint] = scalarClass
            }
        }
    }

    /// The class of a code point.
    subscript(codePoint: UInt32) -> ScalarClass {
        codePoint < UInt32(classes.count) ? classes[Int(codePoint)] : .other
    }
}
