import Foundation

/// One of a tokenizer's two files: its contents, and the name that error messages call it by.
struct TokenizerFile {
    /// Largest file accepted; GPT-2's own vocab.json has 1 MB.
    static let largestSize = 64 << 20

    let name: String
    let contents: [UInt8]

    /// - Throws: if the contents are too long or not UTF-8.
    init(name: String, contents: [UInt8]) throws(TokenizerError) {
        guard contents.count <= Self.largestSize else {
            throw TokenizerError(name, "is larger than the \(Self.largestSize >> 20) MiB a tokenizer file may have")
        }
        do {
            _ = try UTF8Span(validating: contents.span)
        } catch {
            throw TokenizerError(name, "is not UTF-8: invalid bytes at byte \(error.byteOffsets.lowerBound)")
        }
        self.name = name
        self.contents = contents
    }

    /// Reads a file.
    init(path: String) throws(TokenizerError) {
        // Attributes are those of a link itself, and model directories are often made of links.
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: target) else {
            throw TokenizerError(path, "no such file, or no permission to see it")
        }
        guard attributes[.type] as? FileAttributeType == .typeRegular else {
            throw TokenizerError(path, "is not a regular file")
        }
        let contents: Data
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: target))
            defer { try? handle.close() }
            contents = try handle.read(upToCount: Self.largestSize + 1) ?? Data()
        } catch {
            throw TokenizerError(path, "cannot be read")
        }
        try self.init(name: path, contents: [UInt8](contents))
    }
}
