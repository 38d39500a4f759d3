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
        guard descriptor >= 0 else { throw Self.unreadable(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.unreadable(path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let isDirectory = status.st_mode & S_IFMT == S_IFDIR
            throw TokenizerError(path, isDirectory ? "is a directory, not a file" : "is a pipe or device, not a file")
        }
        guard status.st_size <= Self.largestSize else { throw Self.tooLarge(path) }
        var contents = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = contents.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw Self.unreadable(path) }
        // Files of this size are read in one piece.
        guard count == contents.count else { throw TokenizerError(path, "ended at byte \(count) while it was read") }
        try self.init(name: path, contents: contents)
    }

    /// The system's words for its last error.
    private static func unreadable(_ path: String) -> TokenizerError {
        TokenizerError(path, "cannot be read: \(String(cString: strerror(errno)))")
    }

    private static func tooLarge(_ name: String) -> TokenizerError {
        TokenizerError(name, "is larger than the \(largestSize >> 20) MiB a tokenizer file may have")
    }
}
