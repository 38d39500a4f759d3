import Embedded
import Glibc

/// What tells one state of a file from another without reading it.
struct FileIdentity: Sendable, Equatable, CustomStringConvertible {
    let byteCount: Int
    let inode: UInt
    let modified: String
    let changed: String

    init(_ status: stat) {
        byteCount = Int(status.st_size)
        inode = UInt(status.st_ino)
        modified = Self.nanoseconds(status.st_mtim)
        // Unlike the modification time, this one cannot be set back by tools that copy in place.
        changed = Self.nanoseconds(status.st_ctim)
    }

    private static func nanoseconds(_ time: timespec) -> String {
        let digits = String(time.tv_nsec)
        return "\(time.tv_sec)." + String(repeating: "0", count: max(0, 9 - digits.count)) + digits
    }

    /// Of a file in the program, which stays as it is.
    init(_ file: EmbeddedFile) {
        byteCount = file.count
        (inode, modified, changed) = (0, "never", "never")
    }

    /// As it stands in the sidecar.
    var description: String { "size \(byteCount) modified \(modified) changed \(changed) inode \(inode)" }
}

/// A regular file open for reading, closed at the end of its life; or one in the program itself.
struct ReadOnlyFile: ~Copyable {
    /// Its path, for errors.
    let path: String
    /// Its state when it was opened.
    let identity: FileIdentity
    /// What it is read from: a descriptor, or memory.
    let source: Source

    enum Source {
        case descriptor(Int32)
        case embedded(EmbeddedFile)
    }

    /// Size in bytes when it was opened.
    var byteCount: Int { identity.byteCount }

    /// Opens `path`; throws ``ModelFileError/cannotRead(file:reason:)``.
    init(path: String) throws(ModelFileError) {
        if let file = EmbeddedFiles.file(path) {
            (self.path, source, identity) = (path, .embedded(file), FileIdentity(file))
            return
        }
        // Not blocking: a named pipe in the file's place must not hang the process.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .cannotRead(file: path, reason: systemReason()) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let reason = systemReason()
            close(descriptor)
            throw .cannotRead(file: path, reason: reason)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .cannotRead(file: path, reason: fileKind(status.st_mode))
        }
        self.path = path
        source = .descriptor(descriptor)
        identity = FileIdentity(status)
    }

    deinit { if case .descriptor(let descriptor) = source { close(descriptor) } }

    /// Reads `count` bytes at `offset`; throws ``ModelFileError/cannotRead(file:reason:)`` also where the file ends
    /// before.
    func read(at offset: Int, count: Int) throws(ModelFileError) -> [UInt8] {
        switch source {
        case .descriptor(let descriptor): return try read(descriptor, at: offset, count: count)
        case .embedded(let file):
            guard offset + count <= file.count else {
                throw .cannotRead(file: path, reason: "it ends at byte \(file.count)")
            }
            return file.bytes(in: offset..<offset + count)
        }
    }

    private func read(_ descriptor: Int32, at offset: Int, count: Int) throws(ModelFileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let result = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress! + done, count - done, off_t(offset + done))
            }
            if result < 0 && errno == EINTR { continue }
            guard result >= 0 else { throw .cannotRead(file: path, reason: systemReason()) }
            guard result > 0 else {
                throw .cannotRead(file: path, reason: "it ended at byte \(offset + done) while it was read")
            }
            done += result
        }
        return bytes
    }

    /// Reads the whole of a JSON document; throws ``ModelFileError/tooLong(file:length:limit:)`` for a large one.
    func readDocument() throws(ModelFileError) -> [UInt8] {
        guard byteCount <= Limits.documentBytes else {
            throw .tooLong(file: path, length: UInt64(byteCount), limit: Limits.documentBytes)
        }
        return try read(at: 0, count: byteCount)
    }
}

/// The system's words for its last error.
package func systemReason() -> String { String(cString: strerror(errno)) }

/// What something is that is no regular file, for an error's line.
private func fileKind(_ mode: mode_t) -> String {
    switch mode & S_IFMT {
    case S_IFDIR: "it is a directory, not a file"
    case S_IFIFO: "it is a named pipe, not a file"
    case S_IFSOCK: "it is a socket, not a file"
    default: "it is a device, not a file"
    }
}

/// Whether there is something at `path` (a broken link is nothing).
func exists(_ path: String) -> Bool {
    EmbeddedFiles.file(path) != nil || isDirectory(path) || access(path, F_OK) == 0
}

/// Whether there is a directory at `path`.
func isDirectory(_ path: String) -> Bool {
    if EmbeddedFiles.names(in: path) != nil { return true }
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// The names in a directory, ascending, up to a bound; none where it cannot be read.
func fileNames(in directory: String) -> [String] {
    if let names = EmbeddedFiles.names(in: directory) { return names }
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while names.count < Limits.namesInDirectory, let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
            tuple.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
        }
        if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
}
