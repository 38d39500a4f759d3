import Embedded
import Foundation
import TestSupport
import Testing

struct EmbeddedFilesTests {
    private static let directories = [EmbeddedFiles.demoModel, EmbeddedFiles.gpt2Tokenizer]

    @Test("The files in the program are those of the repository, byte for byte", arguments: directories)
    func sameBytes(directory: String) throws {
        let names = try #require(EmbeddedFiles.names(in: directory))
        #expect(names.count >= 2)
        for name in names {
            let path = "\(directory)/\(name)"
            let source = Repository.root.appending(path: path.replacing("embedded:/", with: "cluster/"))
            let file = try #require(EmbeddedFiles.file(path))
            #expect(file.bytes == [UInt8](try Data(contentsOf: source)), "\(name): touch bytes.S and build again")
        }
    }

    @Test func `Each file has pages of its own`() throws {
        for directory in Self.directories {
            for name in EmbeddedFiles.names(in: directory) ?? [] {
                let file = try #require(EmbeddedFiles.file("\(directory)/\(name)"))
                #expect(UInt(bitPattern: file.base).isMultiple(of: 4096))
            }
        }
    }

    @Test func `What is not in the program is not found there`() {
        for path in ["embedded:/demo/none", "embedded:/", "demo/config.json", "/demo/config.json", ""] {
            #expect(EmbeddedFiles.file(path) == nil)
        }
        for directory in ["embedded:/none", "cluster/demo", "/"] { #expect(EmbeddedFiles.names(in: directory) == nil) }
    }
}
