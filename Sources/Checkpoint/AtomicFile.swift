import Glibc

/// A file that appears under its name whole or not at all: written beside it under another name, then renamed. Without
/// ``commit(durable:)`` nothing is left of it.
package final class AtomicFile {
    package let path: String
    private let temporaryPath: String
    private var descriptor: Int32

    /// Throws ``CheckpointError/cannotWrite(file:reason:)``, as all of this type does.
    package init(path: String) throws(CheckpointError) {
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
    package func write(_ bytes: RawSpan) throws(CheckpointError) {
        var done = 0
        while done < bytes.byteCount {
            let result = bytes.extracting(done..<bytes.byteCount).withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if result < 0 && errno == EINTR { continue }
            guard result >= 0 else { throw failure() }
            done += result
        }
    }

    /// Gives the file its name; nothing may be written afterwards. A durable one has reached the disk before.
    package func commit(durable: Bool) throws(CheckpointError) {
        guard !durable || fsync(descriptor) == 0 else { throw failure() }
        guard rename(temporaryPath, path) == 0 else { throw failure() }
        close(descriptor)
        descriptor = -1
    }

    private func failure() -> CheckpointError { .cannotWrite(file: path, reason: systemReason()) }
}
