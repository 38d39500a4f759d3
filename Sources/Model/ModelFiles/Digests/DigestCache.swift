import Embedded
import Glibc
import Synchronization

/// Digests of groups of a model's tensors, each computed once and kept in a sidecar, so that a restart reads no weights
/// for them.
///
/// The sidecar is `paceline-digests.json` in the model's directory, or, where that cannot be written, a file in
/// `$XDG_CACHE_HOME/paceline` or `~/.cache/paceline`. It holds for files of the same name, size, times of modification
/// and change, and inode; one that does not match or does not parse is ignored and written anew. Where nothing can be
/// written, digests are remembered as long as the cache lives.
///
/// Processes may share a sidecar: each takes over what it finds there when it writes. Where two write at once, one's
/// last entry may be lost and is computed again another time.
public final class DigestCache: Sendable {
    /// Where a sidecar may lie, the first choice first.
    private let paths: [String]
    private let sidecar: Mutex<DigestSidecar>

    /// Reads the sidecar of a model in `directory` with these files, if there is one. `cacheDirectory` is used where the
    /// model's own directory cannot be written; nil for none.
    init(files: [MappedFile], directory: String, cacheDirectory: String? = DigestCache.userDirectory) {
        guard EmbeddedFiles.names(in: directory) == nil else {
            // The program has no digests of its own files: they are small, and another program has others.
            paths = []
            sidecar = Mutex(DigestSidecar(files: [:]))
            return
        }
        let beside = ModelDirectory(directory).digests
        let elsewhere = cacheDirectory.map { cache in
            // The model's absolute path names the file, as many models share the directory.
            let model = Digest(of: Array(absolutePath(directory).utf8)).description.prefix(32)
            return filePath("digests-\(model).json", in: cache)
        }
        paths = [beside] + (elsewhere.map { [$0] } ?? [])
        let states = files.map { (lastComponent(of: $0.path), $0.identity.description) }
        var sidecar = DigestSidecar(files: Dictionary(states) { first, _ in first })
        Self.takeOver(from: paths, into: &sidecar)
        self.sidecar = Mutex(sidecar)
    }

    /// That of the model in a checkpoint.
    package convenience init(checkpoint: Checkpoint, cacheDirectory: String?) {
        self.init(files: checkpoint.files, directory: checkpoint.directory, cacheDirectory: cacheDirectory)
    }

    /// `$XDG_CACHE_HOME/paceline`, or `~/.cache/paceline`; nil where the environment names neither.
    public static var userDirectory: String? {
        func variable(_ name: String) -> String? {
            // The specification of these directories has relative paths ignored.
            getenv(name).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        if let cache = variable("XDG_CACHE_HOME") { return filePath("paceline", in: cache) }
        return variable("HOME").map { filePath(".cache/paceline", in: $0) }
    }

    /// The digest that is remembered of a group with this outline, which says what is digested; where there is none, what
    /// `compute` gives. Throws what that throws.
    package func digest(
        group: String, outline: Digest, _ compute: () throws(ModelFileError) -> Digest
    ) throws(ModelFileError) -> Digest {
        if let known = knownDigest(group: group, outline: outline) { return known }
        let digest = try compute()
        sidecar.withLock { sidecar in
            Self.takeOver(from: paths, into: &sidecar)
            sidecar.groups[group] = DigestSidecar.Entry(outline: outline, digest: digest)
            write(sidecar)
        }
        return digest
    }

    /// The digest that is remembered of a group with this outline; nil where there is none.
    package func knownDigest(group: String, outline: Digest) -> Digest? {
        guard let known = sidecar.withLock({ $0.groups[group] }), known.outline == outline else { return nil }
        return known.digest
    }

    /// Adds the groups of those sidecars that hold for the same files; what is known already stays.
    private static func takeOver(from paths: [String], into sidecar: inout DigestSidecar) {
        for path in paths {
            guard let other = try? DigestSidecar(path: path), other.files == sidecar.files else { continue }
            sidecar.groups.merge(other.groups) { known, _ in known }
        }
    }

    /// Writes to the first place that takes it.
    private func write(_ sidecar: DigestSidecar) {
        for path in paths {
            if path != paths[0] { makeDirectories(above: path) }
            if (try? sidecar.write(path: path)) != nil { return }
        }
    }
}

/// Makes the directories that a file's path needs, for the user alone; where that fails, so will writing the file.
private func makeDirectories(above path: String) {
    for index in path.indices.dropFirst() where path[index] == "/" { mkdir(String(path[..<index]), 0o700) }
}

private func lastComponent(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
}

private func absolutePath(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
}
