import GPT2
import Wire

extension LocalModel {
    /// Digests of all that a stage with these layers holds. Throws `CheckpointError` where a tensor is missing.
    func groupDigests(of layers: Range<Int>) throws -> [GroupDigest] {
        try groups(of: layers).map { GroupDigest(group: $0.name, sha256: try digest(of: $0).bytes) }
    }

    /// Digests of those groups that are known without reading weights.
    func knownDigests() -> [GroupDigest] {
        groups(of: 0..<configuration.layerCount).compactMap { group in
            knownDigest(of: group).map { GroupDigest(group: group.name, sha256: $0.bytes) }
        }
    }
}
