/// A model's name on Hugging Face's Hub, such as `gpt2` or `openai-community/gpt2-xl`, which people know from programs
/// that download by themselves.
struct HubName {
    private static let address = "https://huggingface.co/"

    let name: String

    /// Nil for what can only be a path.
    init?(_ text: String) {
        let name = text.hasPrefix(Self.address) ? String(text.dropFirst(Self.address.count)) : text
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), name.utf8.count <= 96, parts.allSatisfy(Self.isName) else { return nil }
        self.name = name
    }

    private static func isName(_ part: Substring) -> Bool {
        guard let first = part.utf8.first, isLetterOrDigit(first) else { return false }
        return part.utf8.allSatisfy { isLetterOrDigit($0) || "-_.".utf8.contains($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// Why there is no such directory, and what to do if it was meant as a name.
    var missing: String {
        let directory = name.split(separator: "/").last ?? ""
        return
            "no such directory or file; to take \(name) from Hugging Face's Hub, first run `huggingface-cli download "
            + "\(name) --local-dir \(directory)` (or `hf download`), then name the directory: --model \(directory)"
    }
}
