import Foundation
import ModelFiles
import Testing

@Suite("Finding a model's files")
struct LocationTests {
    /// A directory with empty files of these names; a name that ends in a slash is a folder.
    private func directory(_ names: [String]) throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        for name in names {
            let path = URL(filePath: directory.file(name))
            let folder = name.hasSuffix("/") ? path : path.deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            if !name.hasSuffix("/") { try directory.write("", to: name) }
        }
        return directory
    }

    /// The reason for which a directory with these files is refused.
    private func reason(_ names: [String]) throws -> String {
        let directory = try directory(names)
        let error = #expect(throws: ModelFileError.self) { try ModelLocation(path: directory.path) }
        #expect(error?.description.hasPrefix(directory.path + ": ") == true)
        return String((error?.description ?? "").dropFirst(directory.path.count + 2))
    }

    @Test("of several forms the first is taken: safetensors, then PyTorch, one file before an index")
    func order() throws {
        let names = [
            "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
        ]
        for first in names.indices {
            let directory = try directory(Array(names[first...]) + ["extra.safetensors"])
            let named = try ModelLocation(path: directory.file(names[first]))
            #expect(named.directory == directory.path)
            #expect(try ModelLocation(path: directory.path) == named)
        }
    }

    @Test("a file of another name is taken where it is the only one, beside what trainers keep")
    func otherNames() throws {
        let others = ["training_args.bin", "optimizer.pt", "scheduler.pt", "rng_state.pth", "config.json"]
        for name in ["ckpt.pt", "gpt2.bin", "adult.safetensors", "x.pth"] {
            let directory = try directory(others + [name])
            #expect(try ModelLocation(path: directory.path) == ModelLocation(path: directory.file(name)))
        }
        #expect(
            try reason(["a.pt", "b.safetensors"])
                == "has weights in \"a.pt\", \"b.safetensors\"; name the file that is meant")
    }

    @Test("what is no model is refused by what it is")
    func refusals() throws {
        #expect(
            try reason(["checkpoint-1000/", "checkpoint-500/", "runs/"])
                == "holds a trainer's checkpoints and no model of its own; name one of \"checkpoint-500\", \"checkpoint-1000\""
        )
        #expect(
            try reason(["refs/main", "snapshots/0123abc/config.json"])
                == "is a download cache; name the snapshot in it: \"snapshots/0123abc\"")
        #expect(try reason(["adapter_config.json"]).hasPrefix("holds an adapter and not a model"))
        #expect(
            try reason(["config.json", "tf_model.h5"])
                == "has weights only in \"tf_model.h5\", which is not read; save them as safetensors")
        #expect(try reason(["config.json"]).hasPrefix("holds no weights"))
        #expect(
            try reason(["hub/models--gpt2/snapshots/0123abc/config.json"])
                == "is a cache of many downloads; name the snapshot of one in it: \"hub/models--gpt2/snapshots/0123abc\""
        )
        #expect(
            try reason(["models--gpt2/snapshots/0123abc/config.json", "version.txt"])
                == "is a cache of many downloads; name the snapshot of one in it: \"models--gpt2/snapshots/0123abc\"")
        #expect(try reason(["snapshots/", "refs/main"]).contains("without a snapshot"))
        #expect(try reason([]) == "is empty")
        #expect(try reason(["config.json", "model.safetensors.incomplete"]).contains("unfinished download"))
        #expect(try reason(["gpt2/config.json", "notes.txt"]) == "holds no model of its own; name one of \"gpt2\"")
        let links = try directory(["config.json"])
        #expect(symlink("nowhere", links.file("model.safetensors")) == 0)
        let broken = #expect(throws: ModelFileError.self) { try ModelLocation(path: links.path) }
        #expect(broken?.description.contains("links to files that are not there, \"model.safetensors\"") == true)
        let directory = try directory(["vocab.json"])
        #expect(throws: ModelFileError.self) { try ModelLocation(path: directory.file("vocab.json")) }
        #expect(throws: ModelFileError.noDirectory(directory.file("none"))) {
            try ModelLocation(path: directory.file("none"))
        }
    }

    @Test("only what can be a name of the Hub is taken for one")
    func hubNames() {
        for name in ["gpt2", "openai-community/gpt2-xl", "https://huggingface.co/gpt2"] {
            let line = ModelFileError.noDirectory(name).description
            #expect(line.contains("huggingface-cli download \(name.hasPrefix("https") ? "gpt2" : name) "), "\(line)")
        }
        for path in ["./gpt2", "/models/gpt2", "a/b/c", "", "..", "~/gpt2", "a b", "models/"] {
            #expect(ModelFileError.noDirectory(path).description == "\(path): no such directory or file")
        }
    }

    @Test("weights alone are refused, since they do not say how many heads there are")
    func noConfiguration() throws {
        let directory = try TemporaryDirectory()
        try write([("wte.weight", .f32, [1, 1], [0, 0, 0, 0])], to: directory.file("model.safetensors"))
        let error = #expect(throws: ModelFileError.self) { try LocalModel(directory: directory.path) }
        #expect(error?.description.contains("do not say how many attention heads a model has") == true)
    }

    @Test(
        "what a failed download left is named",
        arguments: [
            ("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", "Git LFS pointer"),
            ("<!DOCTYPE html>\n<html></html>", "web page"), ("<?xml version=\"1.0\"?><Error/>", "web page"),
            ("Entry not found", "server's refusal"), (String(repeating: "\0", count: 64), "unfinished download"),
        ])
    func damagedDownloads(text: String, what: String) throws {
        for name in ["model.safetensors", "pytorch_model.bin", "model.safetensors.index.json"] {
            let directory = try TemporaryDirectory()
            try directory.write(text, to: name)
            try directory.write("{}", to: "config.json")
            let error = #expect(throws: ModelFileError.self) { try LocalModel(directory: directory.path) }
            #expect(error?.description.contains(what) == true, "\(name): \(error?.description ?? "")")
        }
        let directory = try TemporaryDirectory()
        try directory.write(text, to: "config.json")
        let error = #expect(throws: ModelFileError.self) { try GPT2Configuration(directory: directory.path) }
        #expect(error?.description.contains(what) == true)
    }
}
