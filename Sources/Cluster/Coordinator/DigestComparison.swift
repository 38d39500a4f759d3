import Engine
import Messages

/// Whether a worker holds this model.
extension ServedModel {
    /// A group that a stage with these layers holds, and whose digest is not there, if there is one.
    func missingGroup(in digests: [GroupDigest], of layers: Range<Int>) -> String? {
        var expected = layers.map { "layer \($0)" }
        if layers.lowerBound == 0 { expected.append("embedding") }
        if layers.upperBound == layerCount { expected.append("head") }
        return expected.first { group in !digests.contains { $0.group == group } }
    }

    /// The group of a worker's digests that is not this model's, if there is one.
    func foreignGroup(in reported: [GroupDigest]) -> String? {
        reported.first { digests.groups[$0.group] != $0.sha256 }?.group
    }
}
