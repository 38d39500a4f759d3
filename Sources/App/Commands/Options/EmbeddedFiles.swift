import Foundation

/// The files that come with the program: in `cluster` of the checkout that it was built in, or in `share/paceline` of
/// where it is installed.
enum EmbeddedFiles {
    /// The directory of the small model; nil where it is missing.
    static let demoModel = folder("demo", with: "config.json")

    /// The directory of GPT-2's vocab.json and merges.txt; nil where it is missing.
    static let gpt2Tokenizer = folder("gpt2-tokenizer", with: "vocab.json")

    private static func folder(_ name: String, with file: String) -> String? {
        guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return nil
        }
        var folder = URL(fileURLWithPath: program).deletingLastPathComponent()
        while folder.path != "/" {
            for place in ["cluster", "share/paceline"] {
                let candidate = folder.appendingPathComponent("\(place)/\(name)").path
                if FileManager.default.fileExists(atPath: "\(candidate)/\(file)") { return candidate }
            }
            folder.deleteLastPathComponent()
        }
        return nil
    }
}
