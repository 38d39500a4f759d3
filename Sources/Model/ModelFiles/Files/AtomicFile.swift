import Glibc

/// A file that appears under its name whole or not at all: written beside it under another name, then renamed. Without
/// ``commit(durable:)`` nothing is left of it.
package final class AtomicFile {
    package let path: String
    private let temporaryPath: String
    private var descriptor: Int32
    private var waiting: [UInt8] = []

    /// Bytes are written so many at a time, which keeps each piece on a huge page of the page cache where the file system
    /// can: who maps the file later then has its weights on huge pages, too.
    private static let pieceBytes = 2 << 20

    /// Throws ``ModelFileError/cannotWrite(file:reason:)``, as all of this type does.
    package init(path: String) throws(ModelFileError) {
        self.path = path
        temporaryPath = path + ".\(String(UInt64.random(in: 0 ... .max), radix: 36)).tmp"
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure() }
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(temporaryPath)
    }

    /// Appends bytes.
    package func write(_ bytes: RawSpan) throws(ModelFileError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = min(rest.byteCount, Self.pieceBytes - waiting.count)
            rest.extracting(first: count).withUnsafeBytes { waiting.append(contentsOf: $0) }
            rest = rest.extracting(droppingFirst: count)
            if waiting.count == Self.pieceBytes { try writeWaiting() }
        }
    }

    private func writeWaiting() throws(ModelFileError) {
        var done = 0
        while done < waiting.count {
            let result = waiting.withUnsafeBytes {
                let rest = UnsafeRawBufferPointer(rebasing: $0[done...])
                return Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            if result < 0 && errno == EINTR { continue }
            guard result >= 0 else { throw failure() }
            done += result
        }
        waiting.removeAll(keepingCapacity: true)
    }

    /// Gives the file its name; nothing may be written afterwards. A durable one has reached the disk before.
    package func commit(durable: Bool) throws(ModelFileError) {
        try writeWaiting()
        guard !durable || fsync(descriptor) == 0 else { throw failure() }
        guard rename(temporaryPath, path) == 0 else { throw failure() }
        close(descriptor)
        descriptor = -1
    }

    private func failure() -> ModelFileError { .cannotWrite(file: path, reason: systemReason()) }
}
