/// What a file is that a download often leaves in place of the wanted one, and what to do: a Git LFS pointer, a web page,
/// a server's refusal, a beginning that never came. Nil for anything else. The beginning of the file is enough.
public func damagedDownload(_ bytes: some Sequence<UInt8>) -> String? {
    // Longer than any of the beginnings, with some white space before it.
    let beginning = Array(bytes.prefix(256))
    if beginning.starts(with: "version https://git-lfs.github.com/spec/".utf8) {
        return "is a Git LFS pointer, not the file itself; run `git lfs pull` where it was cloned"
    }
    if beginning.starts(with: [0x1F, 0x8B]) { return "is compressed by gzip; unpack it first" }
    if beginning.count >= 16, beginning.allSatisfy({ $0 == 0 }) {
        return "begins with zeros only, as an unfinished download does; download it again"
    }
    let text = beginning.drop { $0 <= 0x20 || [0xEF, 0xBB, 0xBF].contains($0) }
    func begins(_ starts: [String]) -> Bool {
        starts.contains { start in
            text.prefix(start.utf8.count).elementsEqual(start.utf8) { lowerCase($0) == $1 }
        }
    }
    if begins(["<!doctype html", "<html", "<head", "<?xml"]) {
        return "is a web page, not the file itself; download it again"
    }
    if begins(["entry not found", "repository not found", "404: not found", "invalid username or password"]) {
        return "is a server's refusal, not the file itself; see that the address is right, and download it again"
    }
    return nil
}

private func lowerCase(_ byte: UInt8) -> UInt8 {
    UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte + 0x20 : byte
}
