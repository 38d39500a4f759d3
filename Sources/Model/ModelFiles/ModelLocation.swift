import Glibc

/// Where the files of a model lie: found from its directory, or from the file of its weights.
public struct ModelLocation: Sendable, Equatable {
    /// How the weights are kept.
    enum Weights: Sendable, Equatable {
        case safetensors(String)
        case safetensorsIndex(String)
        case pyTorch(String)
        case pyTorchIndex(String)
    }

    /// The model's directory, or that of its file.
    public let directory: String
    let weights: Weights

    /// Finds the weights in a directory, or takes the file for them. Throws ``ModelFileError/noDirectory(_:)``,
    /// ``ModelFileError/noModel(directory:)`` or ``ModelFileError/notAModel(path:reason:)``.
    public init(path: String) throws(ModelFileError) {
        guard isDirectory(path) else {
            try Self.require(path)
            directory = Self.parent(of: path)
            weights = try Self.weights(file: path)
            return
        }
        directory = path
        let usual = [
            ModelDirectory.FileName.weights, ModelDirectory.FileName.weightIndex, "pytorch_model.bin",
            "pytorch_model.bin.index.json",
        ]
        let names = fileNames(in: path)
        let weightFiles = names.filter { Self.isWeights($0) && exists(filePath($0, in: path)) }
        if let name = usual.first(where: { exists(filePath($0, in: path)) }) ?? weightFiles.first {
            guard usual.contains(name) || weightFiles.count == 1 else {
                throw .notAModel(
                    path: path,
                    reason: "has weights in \(quotedList(weightFiles)); name the file that is meant")
            }
            weights = try Self.weights(file: filePath(name, in: path))
        } else if let reason = Self.reason(for: names, in: path) {
            throw .notAModel(path: path, reason: reason)
        } else {
            throw .noModel(directory: path)
        }
    }

    /// Whether there is a file or directory at `path`, on disk or in the program.
    public static func isThere(_ path: String) -> Bool { exists(path) }

    /// Sees that there is a file or directory at `path`. Throws ``ModelFileError/noDirectory(_:)``, or
    /// ``ModelFileError/cannotRead(file:reason:)`` where that cannot be seen.
    public static func require(_ path: String) throws(ModelFileError) {
        guard !exists(path) else { return }
        guard errno == ENOENT else { throw .cannotRead(file: path, reason: systemReason()) }
        var status = stat()
        guard lstat(path, &status) != 0 else {
            throw .notAModel(path: path, reason: "is a link to something that is not there")
        }
        throw .noDirectory(path)
    }

    private static func weights(file path: String) throws(ModelFileError) -> Weights {
        let name = path.split(separator: "/").last ?? ""
        if name.hasSuffix(".index.json") {
            return name.hasSuffix(".bin.index.json") ? .pyTorchIndex(path) : .safetensorsIndex(path)
        }
        if name.hasSuffix(".safetensors") { return .safetensors(path) }
        guard name.hasSuffix(".bin") || name.hasSuffix(".pt") || name.hasSuffix(".pth") else {
            if isForeign(String(name)) {
                throw .notAModel(
                    path: path, reason: "has weights in a format that is not read; save them as safetensors")
            }
            throw .notAModel(
                path: path,
                reason: "is no file of weights: name the model's directory, or a .safetensors, .bin or .pt file")
        }
        return .pyTorch(path)
    }

    /// Whether a name may be that of weights, and not of what trainers keep beside them.
    private static func isWeights(_ name: String) -> Bool {
        let other = ["training_args", "optimizer", "scheduler", "scaler", "rng_state"]
        return [".safetensors", ".bin", ".pt", ".pth"].contains { name.hasSuffix($0) }
            && !other.contains { name.hasPrefix($0) }
    }

    /// Whether a name is that of weights in a format of another program.
    private static func isForeign(_ name: String) -> Bool {
        let endings = [
            ".h5", ".msgpack", ".gguf", ".ggml", ".onnx", ".ckpt", ".ckpt.index", ".npz", ".ot", ".pb", ".tflite",
        ]
        return endings.contains { name.hasSuffix($0) } || name.contains(".ckpt.data-")
    }

    /// Why a directory that has no weights might have been named.
    private static func reason(for names: [String], in directory: String) -> String? {
        if names.isEmpty { return access(directory, R_OK) == 0 ? "is empty" : "cannot be read: \(systemReason())" }
        let folders = names.filter { isDirectory(filePath($0, in: directory)) }
        let checkpoints = folders.filter { $0.hasPrefix("checkpoint-") }.sorted { ($0.count, $0) < ($1.count, $1) }
        if !checkpoints.isEmpty {
            return "holds a trainer's checkpoints and no model of its own; name one of \(quotedList(checkpoints))"
        }
        if let reason = cacheReason(folders, in: directory) { return reason }
        let broken = names.filter { !exists(filePath($0, in: directory)) }
        if !broken.isEmpty {
            return "has links to files that are not there, \(quotedList(broken)); download the model again"
        }
        if names.contains("adapter_config.json") {
            return "holds an adapter and not a model; merge it into the model that it was trained on"
        }
        let foreign = names.filter(isForeign)
        if !foreign.isEmpty {
            return "has weights only in \(quotedList(foreign)), which is not read; save them as safetensors"
        }
        let unfinished = names.filter { name in
            [".incomplete", ".part", ".crdownload", ".aria2", ".download"].contains { name.hasSuffix($0) }
        }
        if !unfinished.isEmpty {
            return "holds an unfinished download, \(quotedList(unfinished)); download it again"
        }
        let models = folders.filter { exists(ModelDirectory(filePath($0, in: directory)).configuration) }
        return models.isEmpty ? nil : "holds no model of its own; name one of \(quotedList(models))"
    }

    /// The same for the directories in which Hugging Face's Hub keeps what it downloaded.
    private static func cacheReason(_ folders: [String], in directory: String) -> String? {
        if folders.contains("snapshots") {
            let snapshots = fileNames(in: filePath("snapshots", in: directory)).map { "snapshots/\($0)" }
            return snapshots.isEmpty
                ? "is a download cache without a snapshot; download the model again"
                : "is a download cache; name the snapshot in it: \(quotedList(snapshots))"
        }
        let prefix = folders.contains("hub") ? "hub/" : ""
        let models = fileNames(in: filePath(prefix, in: directory)).filter { $0.hasPrefix("models--") }
        let snapshots = models.flatMap { model in
            fileNames(in: filePath("\(prefix)\(model)/snapshots", in: directory)).map {
                "\(prefix)\(model)/snapshots/\($0)"
            }
        }
        if models.isEmpty { return nil }
        return snapshots.isEmpty
            ? "is a download cache without a snapshot; download the model again"
            : "is a cache of many downloads; name the snapshot of one in it: \(quotedList(snapshots))"
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

/// Names in quotation marks, the first few of them.
private func quotedList(_ names: [String]) -> String {
    let shown = names.prefix(5).map { quoted($0) }.joined(separator: ", ")
    return names.count > 5 ? shown + ", …" : shown
}
