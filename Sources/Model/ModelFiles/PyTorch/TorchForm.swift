import JSON

/// In which of its forms `torch.save` wrote a file.
enum TorchForm {
    case zip, legacy

    /// Tells it from the first bytes. Throws ``ModelFileError/damaged(file:reason:)`` or
    /// ``ModelFileError/pyTorch(file:tensor:reason:)``, which name what other files turn out to be.
    init(of file: borrowing ReadOnlyFile) throws(ModelFileError) {
        let start = try file.read(at: 0, count: min(file.byteCount, 512))
        if start.starts(with: [0x50, 0x4B, 3, 4]) {
            self = .zip
        } else if start.first == PickleOpcode.proto.rawValue {
            self = .legacy
        } else if let reason = damagedDownload(start) {
            throw .damaged(file: file.path, reason: reason)
        } else {
            throw .pyTorch(file: file.path, tensor: nil, reason: Self.reason(start))
        }
    }

    private static func reason(_ start: [UInt8]) -> String {
        if start.isEmpty { return "the file is empty" }
        if start.dropFirst(8).first == UInt8(ascii: "{") {
            return "a safetensors file; give it a name that ends in .safetensors"
        }
        if start.dropFirst(257).starts(with: "ustar".utf8) {
            return "a tar archive, as PyTorch wrote before version 0.1.10; load and save it with a newer one"
        }
        return "neither of the forms that torch.save writes; the file is damaged or something else"
    }
}
