import ModelFiles
import TestSupport

/// Files of `scripts/fixtures/make-model-files.py`.
enum ModelForms {
    static func path(_ name: String) -> String {
        Repository.fixtures.appending(path: "model-files/\(name)").path(percentEncoded: false)
    }

    /// The values of the model of which most of these files are forms, by its names without prefix.
    static func plainValues() throws -> [String: [Float]] { try values(ofSafetensors: "plain") }

    static func values(ofSafetensors name: String) throws -> [String: [Float]] {
        let checkpoint = try Checkpoint(directory: path(name))
        let values = checkpoint.tensors.map { tensor in
            (bareName(tensor.name), floats(checkpoint.bytes(of: tensor), tensor.type))
        }
        return Dictionary(uniqueKeysWithValues: values)
    }

    /// A tensor's name without what wrappers put before it.
    static func bareName(_ name: String) -> String {
        var name = name[...]
        while let prefix = ["module.", "_orig_mod.", "model.", "transformer."].first(where: name.hasPrefix) {
            name = name.dropFirst(prefix.count)
        }
        return String(name)
    }
}

/// Files of `scripts/fixtures/make-pickles.py`.
enum Pickles {
    static func path(_ name: String) -> String {
        Repository.fixtures.appending(path: "pickles/\(name)").path(percentEncoded: false)
    }
}

extension StoredTensor {
    /// Its values, row after row, whatever the order in which they lie.
    var values: [Float] {
        let stored = floats(mapped.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }, info.type)
        guard let strides else { return stored }
        var places = [0]
        for (count, stride) in zip(info.shape, strides) {
            places = places.flatMap { place in (0..<count).map { place + $0 * stride } }
        }
        return places.map { stored[$0] }
    }
}

extension PyTorchFile {
    /// The values of its tensors, by their names without prefix.
    var values: [String: [Float]] {
        Dictionary(uniqueKeysWithValues: tensors.map { (ModelForms.bareName($0.info.name), $0.values) })
    }

    func tensor(_ name: String) -> StoredTensor? { tensors.first { $0.info.name == name } }
}

/// Little-endian elements as floats; of types other than weights' none.
func floats(_ bytes: [UInt8], _ type: ElementType) -> [Float] {
    let width = type.byteWidth
    return stride(from: 0, to: bytes.count - bytes.count % width, by: width).map { start in
        let bits = (0..<width).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
        switch type {
        case .f64: return Float(Double(bitPattern: bits))
        case .f32: return Float(bitPattern: UInt32(bits))
        case .bf16: return Float(bitPattern: UInt32(bits) << 16)
        case .f16: return halfValue(UInt16(bits))
        case .u8, .bool, .u16, .u32, .u64: return Float(bits)
        case .i8: return Float(Int8(truncatingIfNeeded: bits))
        case .i16: return Float(Int16(truncatingIfNeeded: bits))
        case .i32: return Float(Int32(truncatingIfNeeded: bits))
        case .i64: return Float(Int64(bitPattern: bits))
        default: return .nan
        }
    }
}

/// A number of 16 bits: sign, 5 bits of exponent, 10 of fraction.
private func halfValue(_ bits: UInt16) -> Float {
    let fraction = Float(bits & 0x3FF)
    let exponent = Int(bits >> 10 & 0x1F)
    let scale = Float(sign: .plus, exponent: max(exponent, 1) - 25, significand: 1)
    return (bits >> 15 == 1 ? -1 : 1) * (exponent == 0 ? fraction : fraction + 1024) * scale
}
