import CEmbedded

/// The files that come in the program itself: the demo model and GPT-2's vocabulary. They are read like files of a
/// directory, under paths that begin with `embedded:/`, so that one program copied alone to another machine works.
public enum EmbeddedFiles {
    /// The directory of the demo model.
    public static let demoModel = scheme + "demo"
    /// The directory of GPT-2's vocab.json and merges.txt.
    public static let gpt2Tokenizer = scheme + "gpt2-tokenizer"

    private static let scheme = "embedded:/"

    private static let files: [String: EmbeddedFile] = {
        let all = (0..<embedded_file_count()).map { index in
            let file = embedded_file_at(index)
            return (scheme + String(cString: file.path), EmbeddedFile(base: file.bytes, count: file.count))
        }
        return Dictionary(uniqueKeysWithValues: all)
    }()

    /// The file at a path; nil where there is none, as for every path outside of the program.
    public static func file(_ path: String) -> EmbeddedFile? { path.hasPrefix(scheme) ? files[path] : nil }

    /// The names in a directory, ascending; nil where there is no such directory in the program.
    public static func names(in directory: String) -> [String]? {
        guard directory.hasPrefix(scheme) else { return nil }
        let prefix = directory.hasSuffix("/") ? directory : directory + "/"
        let names = files.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        return names.isEmpty ? nil : names.sorted()
    }
}

/// The bytes of a file in the program.
// Unchecked because of the pointer: it points to read-only data of the program, there for as long as it runs.
public struct EmbeddedFile: @unchecked Sendable {
    /// Its first byte, on a page of its own.
    public let base: UnsafeRawPointer
    public let count: Int

    init(base: UnsafeRawPointer, count: Int) { (self.base, self.count) = (base, count) }

    /// All bytes.
    public var bytes: [UInt8] { bytes(in: 0..<count) }

    /// The bytes of a range, which must lie in the file.
    public func bytes(in range: Range<Int>) -> [UInt8] {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the file")
        return Array(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
    }
}
