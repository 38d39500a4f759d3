import ModelFiles
import Testing

@Suite("PyTorch files")
struct PyTorchReadingTests {
    private func file(_ name: String) throws -> PyTorchFile { try PyTorchFile(path: ModelForms.path(name)) }

    @Test(
        "every form has the values of the safetensors file",
        arguments: ["zip", "legacy", "lightning"])
    func forms(_ form: String) throws {
        let file = try file("\(form)/pytorch_model.bin")
        #expect(file.values == (try ModelForms.plainValues()))
        #expect(file.tensors.allSatisfy { $0.strides == nil && $0.range.count == $0.info.byteCount })
        #expect(file.refused.isEmpty)
        #expect(file.modelArguments == nil)
    }

    @Test("tensors come in the order of the file, with type, shape and path")
    func descriptions() throws {
        let file = try file("zip/pytorch_model.bin")
        let first = try #require(file.tensors.first)
        #expect(first.info.name == "transformer.wte.weight")
        #expect(first.info.type == .f32)
        #expect(first.info.shape == [96, 24])
        #expect(first.info.file == file.path)
        #expect(file.tensors.map(\.info.name).last == "transformer.ln_f.bias")
    }

    @Test("parameters, views, transposed and tied tensors are found in their storages")
    func views() throws {
        let file = try file("views/pytorch_model.bin")
        var values = file.values
        #expect(values.removeValue(forKey: "lm_head.weight") == values["wte.weight"])
        #expect(values.removeValue(forKey: "h.0.attn.bias")?.count == 32 * 32)
        #expect(values == (try ModelForms.plainValues()))
        #expect(file.tensor("lm_head.weight")?.range == file.tensor("transformer.wte.weight")?.range)
        #expect(file.tensor("transformer.h.1.mlp.c_fc.weight")?.strides == [1, 24])
        #expect(file.tensor("transformer.h.2.attn.c_attn.weight")?.strides == [144, 2])
        #expect(file.tensor("transformer.h.0.attn.bias")?.strides == [1, 1, 0, 0])
        let bias = try #require(file.tensor("transformer.h.0.ln_1.bias"))
        let next = try #require(file.tensor("transformer.h.0.attn.c_attn.bias"))
        #expect(bias.range.upperBound == next.range.lowerBound)
    }

    @Test("shards hold all tensors, each in its file")
    func shards() throws {
        let directory = ModelForms.path("bin-sharded")
        let shards = try PyTorchShards(index: directory + "/pytorch_model.bin.index.json", directory: directory)
        #expect(shards.files.count == 3)
        let values = shards.files.reduce(into: [:]) { $0.merge($1.values) { first, _ in first } }
        #expect(values == (try ModelForms.plainValues()))
        #expect(shards.tensors.count == values.count)
    }

    @Test("a nanoGPT checkpoint has the shape, and its weights the other way round")
    func nanoGPT() throws {
        let file = try file("nanogpt/ckpt.pt")
        #expect(
            file.modelArguments == [
                "n_layer": .integer(3), "n_head": .integer(3), "n_embd": .integer(24), "block_size": .integer(32),
                "bias": .bool(true), "vocab_size": .integer(96), "dropout": .float(0),
            ])
        #expect(file.settings?["dataset"] == .text("openwebtext"))
        let plain = try ModelForms.plainValues()
        #expect(file.values["wte.weight"] == plain["wte.weight"])
        #expect(file.values["lm_head.weight"] == plain["wte.weight"])
        let weight = try #require(file.tensor("_orig_mod.transformer.h.1.mlp.c_fc.weight"))
        #expect(weight.info.shape == [40, 24])
        #expect(weight.values[1] == plain["h.1.mlp.c_fc.weight"]?[40])
        #expect(file.tensors.allSatisfy { $0.info.name.hasPrefix("_orig_mod.") })
        #expect(try self.file("nanogpt-no-biases/ckpt.pt").tensors.allSatisfy { !$0.info.name.hasSuffix("bias") })
    }

    @Test("a pickle may remember any number of values")
    func manyValues() throws {
        let file = try file("deep/pytorch_model.bin")
        #expect(file.tensors.count == 2 + 12 * 12 + 2)
        #expect(file.tensor("transformer.h.11.mlp.c_proj.weight")?.info.shape == [20, 12])
        #expect(file.tensors.allSatisfy { $0.values.allSatisfy { $0.isFinite && $0 != 0 } })
    }

    @Test("an archive with zip64 records is read like any other")
    func zip64() throws {
        let file = try PyTorchFile(path: Pickles.path("zip64.bin"))
        #expect(file.values == ["first": [0, 1, 2, 3, 4, 5], "second": [0, 1, 2]])
    }

    @Test("tensors of every type are found, and those that weights never are are refused by name")
    func kinds() throws {
        let file = try PyTorchFile(path: Pickles.path("kinds.pt"))
        let types: [String: ElementType] = [
            "float64": .f64, "float32": .f32, "float16": .f16, "bfloat16": .bf16, "int64": .i64, "int32": .i32,
            "int16": .i16, "int8": .i8, "uint8": .u8, "bool": .bool, "uint16": .u16, "uint32": .u32, "uint64": .u64,
        ]
        for (name, type) in types {
            let tensor = try #require(file.tensor(name), "\(name)")
            #expect(tensor.info.type == type)
            #expect(tensor.values == (name == "bool" ? [0, 1, 1, 1, 1, 1] : [0, 1, 2, 3, 4, 5]), "\(name)")
        }
        #expect(file.tensor("complex64")?.info.type == .c64)
        #expect(file.tensor("float8_e4m3fn")?.info.type == .f8e4m3)
        #expect(file.tensor("float8_e5m2")?.info.type == .f8e5m2)
        #expect(file.tensor("with attributes")?.values == [0, 1, 2, 3, 4, 5])
        #expect(file.tensor("empty")?.info.shape == [0, 5])
        #expect(file.tensor("scalar")?.values == [2.5])
        #expect(Set(file.refused.keys) == ["sparse", "quantized", "meta", "complex128"])
        #expect(file.refused["sparse"] == "made by \"torch._utils._rebuild_sparse_tensor\", which is not read")
        #expect(file.refused["complex128"] == "elements of \"torch.ComplexDoubleStorage\", which are not read")
    }
}
