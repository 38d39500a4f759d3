import Embedded
import Glibc
import JSON

/// One of a tokenizer's files: its contents, and the name that error messages call it by.
struct TokenizerFile {
    /// Largest file accepted; GPT-2's own vocab.json has 1 MB.
    static let largestSize = 64 << 20

    let name: String
    let contents: [UInt8]

    /// - Throws: if the contents are too long, not UTF-8, or something else under the file's name.
    init(name: String, contents: [UInt8]) throws(TokenizerError) {
        guard contents.count <= Self.largestSize else { throw Self.tooLarge(name) }
        if let reason = damagedDownload(contents) { throw TokenizerError(name, reason) }
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
        if let embedded = EmbeddedFiles.file(path) {
            try self.init(name: path, contents: embedded.bytes)
            return
        }
        // Does not wait for what is no regular file.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw TokenizerError(path, "no such file, or no permission to see it") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw TokenizerError(path, "is not a regular file")
        }
        guard status.st_size <= Self.largestSize else { throw Self.tooLarge(path) }
        var contents = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = contents.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        // Files of this size are read in one piece.
        guard count == contents.count else { throw TokenizerError(path, "cannot be read") }
        try self.init(name: path, contents: contents)
    }

    private static func tooLarge(_ name: String) -> TokenizerError {
        TokenizerError(name, "is larger than the \(largestSize >> 20) MiB a tokenizer file may have")
    }
}
