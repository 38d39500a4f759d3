import Foundation
import ModelFiles
import Testing

@Suite("Pickles that are no tensors")
struct HostilePickleTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func open(_ bytes: [UInt8]) throws -> PyTorchFile {
        try directory.write(bytes, to: "model.bin")
        return try PyTorchFile(path: directory.file("model.bin"))
    }

    /// What is said of a file, without its path.
    private func error(_ bytes: [UInt8]) throws -> String {
        try directory.write(bytes, to: "model.bin")
        return try error(path: directory.file("model.bin"))
    }

    private func error(path: String) throws -> String {
        let error = try #require(#expect(throws: ModelFileError.self) { try PyTorchFile(path: path) })
        #expect(!error.description.contains("\n"))
        #expect(error.description.hasPrefix(path + ": "))
        return String(error.description.dropFirst(path.count + 2))
    }

    private static let tensor = Pickle.tensor(Pickle.storage("0", count: 6), shape: [2, 3], strides: [3, 1])

    @Test("a call of a program's function is not made, and what needs it is refused")
    func calls() throws {
        let mark = directory.file("was here")
        let command = [Pickle.text("touch '\(mark)'")]
        let attacks: [(name: String, value: [UInt8])] = [
            ("posix.system", Pickle.call(Pickle.global("posix", "system"), command)),
            ("os.system", Pickle.call(Pickle.text("os") + Pickle.text("system") + [0x93], command)),
            ("builtins.eval", Pickle.call(Pickle.global("builtins", "eval"), [Pickle.text("open('\(mark)', 'w')")])),
            // INST and OBJ, from protocols before 2.
            ("os.system", [0x28] + command[0] + Array("ios\nsystem\n".utf8)),
            ("os.system", [0x28] + Pickle.global("os", "system") + command[0] + [0x6F]),
            // An object with __setstate__.
            (
                "evil.Class",
                Pickle.global("evil", "Class") + [0x29, 0x81] + Pickle.dictionary([("a", [0x4E])]) + [0x62]
            ),
            // A function called through what another one returns.
            (
                "builtins.getattr",
                Pickle.call(
                    Pickle.call(
                        Pickle.global("builtins", "getattr"), [Pickle.global("os", "path"), Pickle.text("system")]),
                    command)
            ),
        ]
        for (name, value) in attacks {
            let expected = "it holds a program's object (\"\(name)\"); save its state_dict() instead"
            #expect(try error(TestArchive(value).bytes()) == expected)
            #expect(try error(Pickle.legacy(value, storages: [])) == expected)
            let beside = Pickle.dictionary([("a", Self.tensor), ("b", value)])
            let file = try open(TestArchive(beside, storages: [("0", 6)]).bytes())
            #expect(file.tensors.map(\.info.name) == ["a"])
            #expect(file.refused == ["b": "made by \"\(name)\", which is not read"])
        }
        #expect(try directory.names() == ["model.bin"])
    }

    @Test("a whole module is a program's object")
    func modules() throws {
        let name = "torch.nn.modules.container.Sequential"
        for file in ["module.pt", "module-legacy.pt"] {
            #expect(
                try error(path: Pickles.path(file))
                    == "it holds a program's object (\"\(name)\"); save its state_dict() instead")
        }
    }

    @Test("a tensor has to lie in its storage")
    func places() throws {
        func error(offset: Int = 0, _ shape: [Int], _ strides: [Int], count: Int = 6) throws -> String {
            let tensor = Pickle.tensor(
                Pickle.storage("0", count: count), offset: offset, shape: shape, strides: strides)
            return try self.error(TestArchive(Pickle.dictionary([("a", tensor)]), storages: [("0", 6)]).bytes())
        }
        let outside = "tensor \"a\": it does not lie in its storage"
        #expect(try error([7], [1]) == outside)
        #expect(try error(offset: 1, [2, 3], [3, 1]) == outside)
        #expect(try error(offset: -1, [2], [1]) == outside)
        #expect(try error([2], [-1]) == outside)
        #expect(try error([2, 2], [.max, .max]) == outside)
        #expect(try error(offset: .max, [1], [1]) == outside)
        #expect(try error([-1], [1]).contains("has no valid size"))
        #expect(try error([1 << 32, 1 << 32], [0, 0]).contains("has no valid size"))
        #expect(try error([2], [1], count: 7).hasPrefix("tensor \"a\": its storage has 24 bytes, and 7 elements"))
        #expect(try error([2], [1], count: -6).hasPrefix("tensor \"a\": its storage has 24 bytes"))
    }

    @Test("old files have views of storages")
    func views() throws {
        let view = Pickle.tuple([Pickle.text("v"), Pickle.integer(2), Pickle.integer(3)])
        func bytes(offset: Int) -> [UInt8] {
            let storage = Pickle.storage("0", count: 6, view: view)
            let tensor = Pickle.tensor(storage, offset: offset, shape: [2], strides: [1])
            return Pickle.legacy(Pickle.dictionary([("a", tensor)]), storages: [("0", 6)])
        }
        #expect(try open(bytes(offset: 1)).tensor("a")?.values == [3, 4])
        #expect(try error(bytes(offset: 2)) == "tensor \"a\": it does not lie in its storage")
    }

    @Test("an archive's files are there once, uncompressed and beside one another")
    func archives() throws {
        let value = Pickle.dictionary([("a", Self.tensor)])
        var archive = TestArchive(value, storages: [("0", 6)])
        #expect(try open(archive.bytes()).tensor("a")?.values == [0, 1, 2, 3, 4, 5])
        #expect(try error(archive.bytes(method: 8)).contains("is compressed, which torch.save never does"))
        archive.files[1].bytes = Array("big".utf8)
        #expect(try error(archive.bytes()).contains("\"big\"-endian"))
        archive.files[1] = archive.files[2]
        #expect(try error(archive.bytes()) == "zip archive: \"archive/data/0\" is there twice")
        archive.files.removeLast(2)
        #expect(try error(archive.bytes()) == "it has no \"archive/data/0\", which it refers to")
        archive.files.append(("other/data.pkl", []))
        #expect(try error(archive.bytes()).contains("with 2 files data.pkl"))
        var damaged = TestArchive(value, storages: [("0", 6)]).bytes()
        damaged[60] ^= 1
        #expect(try error(damaged) == "\"archive/data.pkl\" is damaged")
        #expect(try error(Array(damaged.dropLast())).contains("cut short"))
    }

    @Test("what is neither form is refused by name")
    func otherFiles() throws {
        #expect(try error([]) == "the file is empty")
        #expect(try error(Array("version https://git-lfs.github.com/spec/v1\n".utf8)).contains("Git LFS pointer"))
        #expect(try error(Array("<!DOCTYPE html>".utf8)).contains("web page"))
        #expect(try error(safetensors("{}")).contains("safetensors"))
        #expect(try error(Pickle.file(Pickle.dictionary([("a", [0x4E])]))).contains("not one that torch.save wrote"))
        let tar = [UInt8](repeating: 1, count: 257) + Array("ustar".utf8)
        #expect(try error(tar).hasPrefix("a tar archive"))
        let value = Pickle.dictionary([("a", Self.tensor)])
        #expect(try error(Pickle.legacy(value, storages: [("0", 6)], order: [0x89])).contains("big-endian"))
        #expect(try error(Pickle.legacy(value, storages: [("0", 5)])).contains("its storage has 20 bytes"))
        #expect(try error(Pickle.legacy(value, storages: [])) == "it has no storage \"0\", which it refers to")
        #expect(try error(Pickle.legacy(value, storages: [("0", 6)]).dropLast()).contains("cut short"))
        #expect(try error(TestArchive(Pickle.dictionary([("a", [0x4E])])).bytes()).hasPrefix("it holds no tensors"))
    }

    private func error(_ bytes: ArraySlice<UInt8>) throws -> String { try error(Array(bytes)) }

    @Test("a pickle that takes what is not there, or needs too much, ends in one line")
    func stacks() throws {
        func error(_ value: [UInt8]) throws -> String { try self.error(TestArchive(value).bytes()) }
        #expect(try error([]).hasSuffix("it takes a value where there is none"))
        #expect(try error([0x74]).hasSuffix("it goes back to a mark where there is none"))
        #expect(try error([0x68, 3]).hasSuffix("it recalls value 3, which it has not remembered"))
        #expect(try error([0xFF]).hasSuffix("code 255 is none of those that pickles of tensors are made of"))
        #expect(try error([0x58, 255, 255, 255, 255]).hasSuffix("it ends within a text"))
        #expect(try error([0x7D, 0x28, 0x4E, 0x75]).hasSuffix("a key without a value"))
        #expect(try error([0x4E, 0x72, 255, 255, 255, 255]).contains("values at once"))
        #expect(try error(Array(repeating: 0x4E, count: 1 << 19)).contains("values at once"))
        #expect(try error(Array(repeating: 0x28, count: 1 << 19)).contains("values at once"))
        #expect(try error((0..<1 << 18).flatMap { _ in [0x5D, 0x30] as [UInt8] }).hasSuffix("objects in the pickle"))
        // Lists that hold themselves and one another, each twice as many times as the one before.
        var doubling: [UInt8] = [0x5D, 0x94]
        for index: UInt8 in 0..<100 { doubling += [0x5D, 0x94, 0x68, index, 0x61, 0x68, index, 0x61] }
        #expect(try error(doubling).hasPrefix("it holds no tensors"))
        #expect(try error([0x5D, 0x94, 0x68, 0, 0x61]).hasPrefix("it holds no tensors"))
        #expect(
            try error([0x7D, 0x94, 0x58, 5, 0, 0, 0] + Array("model".utf8) + [0x68, 0, 0x73]).hasPrefix("it holds no"))
        // One long tuple, put again and again into a list.
        let long = [0x28] + [UInt8](repeating: 0x4E, count: 1 << 17) + [0x74, 0x94]
        let again = (0..<8).flatMap { _ in [0x28] + [UInt8](repeating: 0x4E, count: 1 << 17) + [0x65] as [UInt8] }
        #expect(try error(long + [0x5D] + again).hasSuffix("values in the pickle"))
    }
}
