import GPT2
import Messages
import ModelFiles

extension LocalModel {
    /// Digests of all that a stage with these layers holds; reads the weights of those that are not known. Throws
    /// `ModelFileError` where a tensor is missing.
    func groupDigests(
        of layers: Range<Int>, progress: (_ done: Int, _ total: Int) -> Void
    ) throws -> [GroupDigest] {
        let groups = groups(of: layers)
        var digests: [GroupDigest] = []
        for group in groups {
            progress(digests.count, groups.count)
            digests.append(GroupDigest(group: group.description, sha256: try digest(of: group).bytes))
        }
        progress(groups.count, groups.count)
        return digests
    }

    /// Digests of those groups that are known without reading weights.
    func knownDigests() -> [GroupDigest] {
        groups(of: 0..<configuration.layerCount).compactMap { group in
            knownDigest(of: group).map { GroupDigest(group: group.description, sha256: $0.bytes) }
        }
    }
}
