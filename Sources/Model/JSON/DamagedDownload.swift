/// What a file is that a download often leaves in place of the wanted one, and what to do: a Git LFS pointer, or a web
/// page. Nil for anything else. The beginning of the file is enough.
public func damagedDownload(_ bytes: some Sequence<UInt8>) -> String? {
    // Longer than any of the beginnings, with some white space before it.
    let beginning = Array(bytes.prefix(256))
    if beginning.starts(with: "version https://git-lfs.github.com/spec/".utf8) {
        return "is a Git LFS pointer, not the file itself; run `git lfs pull` where it was cloned"
    }
    let text = beginning.drop { $0 <= 0x20 || [0xEF, 0xBB, 0xBF].contains($0) }
    let isPage = ["<!doctype html", "<html"].contains { start in
        text.prefix(start.utf8.count).elementsEqual(start.utf8) { lowerCase($0) == $1 }
    }
    return isPage ? "is a web page, not the file itself; download it again" : nil
}

private func lowerCase(_ byte: UInt8) -> UInt8 {
    UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte + 0x20 : byte
}
