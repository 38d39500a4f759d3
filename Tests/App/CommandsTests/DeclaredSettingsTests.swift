import Foundation
import TestSupport
import Testing

/// What a model's files say about generating with it, as commands obey it.
@Suite("Declared settings", .serialized)
struct DeclaredSettingsTests {
    private func generate(
        _ arguments: [String], model: String = caseModel
    ) async throws -> (object: [String: Any], errors: String) {
        let finished = try await run(["generate", "--local", "--model", model, "--json"] + arguments)
        try #require(finished.status == 0, "\(finished.errors)")
        return (try #require(try finished.jsonLines().first), finished.errors)
    }

    private func sampling(_ object: [String: Any]) throws -> [String: Double] {
        try #require(object["sampling"] as? [String: Any]).compactMapValues { ($0 as? NSNumber)?.doubleValue }
    }

    private func logprobs(_ object: [String: Any]) throws -> [Double] {
        try #require(object["logprobs"] as? [[String: Any]]).compactMap { $0["logprob"] as? Double }
    }

    @Test("case eos-list: a text ends at any of several end tokens")
    func listOfEndTokens() async throws {
        try await DeclaredModel.with(configuration: ["eos_token_id": [8_191, 286]]) { model in
            let (object, _) = try await generate(["The old king", "--temperature", "0"], model: model)
            #expect(object["tokens"] as? [Int] == [373, 257, 1_049, 1_730])
            #expect(object["finish_reason"] as? String == "stop")
            #expect(object["end_tokens"] as? [Int] == [8_191, 286])
            let (ignored, _) = try await generate(
                ["The old king", "--temperature", "0", "--ignore-end-of-text", "--max-tokens", "6"], model: model)
            #expect(ignored["tokens"] as? [Int] == [373, 257, 1_049, 1_730, 286, 262])
            #expect(ignored["end_tokens"] as? [Int] == [])
        }
    }

    @Test("case prompt-fills-context: a full context has a next token, for the last one sampled needs no position")
    func fullContext() async throws {
        for (length, expected) in [(511, [502, 257]), (512, [314])] {
            let file = Repository.fixtures.appending(path: "field-cases/prompt-fills-context/text-\(length).txt")
            let text = try String(contentsOf: file, encoding: .utf8)
            let (object, _) = try await generate([text, "--temperature", "0", "--ignore-end-of-text"])
            #expect(object["prompt_tokens"] as? Int == length)
            #expect(object["tokens"] as? [Int] == expected)
        }
    }

    @Test("case tokenizer-json-only: a model as transformers 5 saves it has the tokens and scores of the reference")
    func tokenizerJSONOnly() async throws {
        let tokenizer = try DeclaredModel.tokenizerJSON()
        try await DeclaredModel.with(files: ["tokenizer.json": tokenizer]) { model in
            for name in ["vocab.json", "merges.txt"] { try FileManager.default.removeItem(atPath: "\(model)/\(name)") }
            let finished = try await run([
                "score", "--local", "--model", model, "--json", "The old king had three sons, and the youngest",
            ])
            let object = try #require(try finished.jsonLines().first, "\(finished.errors)")
            #expect(
                object["tokens"] as? [Int] == [464, 1_468, 5_822, 550, 1_115, 264, 684, 11, 290, 262, 1_862, 395])
            let expected = [
                -3.3432868, -4.8324165, -3.1332126, -5.9278774, -4.0055246, -1.530133, -1.6983969, -0.57186174,
                -1.3919778, -2.7424972, -2.2067728,
            ]
            let found = try #require(object["logprobs"] as? [Any]).compactMap { $0 as? Double }
            #expect(found.count == expected.count)
            for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-4) }
        }
    }

    @Test("case dialog-turns: turns that end with <|endoftext|>, under the option's new and old name")
    func dialogTurns() async throws {
        let prompt = "Hello there<|endoftext|>Who are you?<|endoftext|>"
        for option in ["--special-tokens", "--allow-end-of-text"] {
            let (object, errors) = try await generate([prompt, option, "--temperature", "0", "--max-tokens", "8"])
            #expect(object["prompt_tokens"] as? Int == 11)
            #expect(object["tokens"] as? [Int] == [11, 314, 716, 1_016, 284, 262, 68, 11])
            #expect(errors.isEmpty)
        }
    }

    @Test("case score-separators: documents joined by <|endoftext|>, and a warning without the option")
    func scoreSeparators() async throws {
        let arguments = [
            "score", "--local", "--model", caseModel, "--json", "The king died.<|endoftext|>Once upon a time",
        ]
        let finished = try await run(arguments + ["--special-tokens"])
        let object = try #require(try finished.jsonLines().first)
        #expect((object["tokens"] as? [Int])?.count == 9)
        #expect(abs(try #require(object["perplexity"] as? Double) - 132.87725904591375) < 0.001)
        #expect(object["numerics_version"] as? Int == 1 && finished.errors.isEmpty)
        let without = try await run(arguments)
        #expect((try without.jsonLines().first?["tokens"] as? [Int])?.count == 15)
        #expect(without.errors.components(separatedBy: "<|endoftext|>").count == 2 && without.status == 0)
    }

    @Test("generation_config.json gives defaults, options win, and what is not done is said; score does not look")
    func generationDefaults() async throws {
        let written: [String: Any] = [
            "do_sample": true, "temperature": 0.5, "top_k": 40, "repetition_penalty": 1.25, "num_beams": 4,
            "eos_token_id": 286,
        ]
        try await DeclaredModel.with(files: ["generation_config.json": written]) { model in
            let common = ["The old king", "--seed", "7", "--max-tokens", "12"]
            let (plain, errors) = try await generate(common, model: model)
            let used = try sampling(plain)
            #expect(used["temperature"] == 0.5 && used["top_k"] == 40 && used["repetition_penalty"] == 1.25)
            #expect(used["top_p"] == 1 && used["min_p"] == 0 && used["presence_penalty"] == 0 && used["seed"] == 7)
            #expect(plain["end_tokens"] as? [Int] == [286])
            #expect(errors.contains("generation_config.json: asks for num_beams 4: not done here"))
            let given = [
                "--temperature", "0.5", "--top-k", "40", "--repetition-penalty", "1.25", "--stop-token", "286",
            ]
            let (asked, _) = try await generate(common + given)
            #expect(plain["tokens"] as? [Int] == asked["tokens"] as? [Int])
            let (other, _) = try await generate(common + ["--temperature", "1", "--top-k", "0"], model: model)
            #expect(try sampling(other)["temperature"] == 1 && sampling(other)["top_k"] == 0)
            #expect(try sampling(other)["repetition_penalty"] == 1.25)
            let score = ["score", "--local", "--json", "The old king"]
            let scores = try await run(score + ["--model", model])
            #expect(scores.errors.isEmpty)
            #expect(try await scores.output == run(score + ["--model", caseModel]).output)
        }
    }

    @Test("do_sample written and false is temperature 0; an end token out of range is refused")
    func greedyAndRefused() async throws {
        let written: [String: Any] = ["do_sample": false, "temperature": 0.9, "top_k": 50]
        try await DeclaredModel.with(files: ["generation_config.json": written]) { model in
            let (object, _) = try await generate(["The old king", "--max-tokens", "3"], model: model)
            #expect(try sampling(object)["temperature"] == 0)
            #expect(object["tokens"] as? [Int] == [373, 257, 1_049])
        }
        try await DeclaredModel.with(configuration: ["eos_token_id": [8_191, 8_192]]) { model in
            let finished = try await run(["generate", "--local", "--model", model, "The old king"])
            #expect(finished.status != 0 && finished.output.isEmpty)
            #expect(finished.errors.contains("config.json: eos_token_id: 8192 is no token: ids go from 0 to 8191"))
        }
    }

    @Test("an id without text is never sampled unless that is allowed, alone and in a cluster; scores keep it")
    func unusedIDs() async throws {
        // The token of the last merge is gone, and its id is in nobody's vocabulary.
        let withoutLast: (inout [String: Any]) -> Void = { tokens in
            tokens = tokens.filter { $0.value as? Int != 8_190 }
        }
        try await DeclaredModel.with(vocabulary: withoutLast, withoutMerges: 1) { model in
            // The likeliest by far, if it were a candidate.
            let arguments = ["The old king", "--temperature", "0", "--max-tokens", "3", "--logit-bias", "8190:100"]
            let (local, _) = try await generate(arguments + ["--logprobs", "1"], model: model)
            #expect(local["tokens"] as? [Int] == [373, 257, 1_049])
            let (allowed, _) = try await generate(arguments + ["--allow-unused-ids"], model: model)
            #expect(allowed["tokens"] as? [Int] == [8_190, 8_190, 8_190] && allowed["text"] as? String == "")
            try await TestCluster.with(workers: 2, model: model) { cluster in
                let asked = ["generate", "--json", "--coordinator", cluster.clientEndpoint] + arguments
                let through = try #require(try await run(asked + ["--logprobs", "1"]).jsonLines().first)
                #expect(through["tokens"] as? [Int] == [373, 257, 1_049])
                #expect(try logprobs(through) == logprobs(local))
                let all = try #require(try await run(asked + ["--allow-unused-ids"]).jsonLines().first)
                #expect(all["tokens"] as? [Int] == [8_190, 8_190, 8_190])
            }
        }
    }

    @Test("the text of an added token is printed when it is sampled, and matched by stop strings")
    func addedTokens() async throws {
        let withoutEnd: (inout [String: Any]) -> Void = { $0["<|endoftext|>"] = nil }
        let files: [String: [String: Any]] = [
            "added_tokens.json": ["<|turn|>": 8_191],
            "special_tokens_map.json": ["additional_special_tokens": ["<|turn|>"], "eos_token": "<|turn|>"],
        ]
        try await DeclaredModel.with(
            configuration: ["eos_token_id": 5], files: files, vocabulary: withoutEnd
        ) { model in
            let common = ["a<|turn|>b", "--special-tokens", "--temperature", "0", "--logit-bias", "8191:100"]
            let (object, errors) = try await generate(common + ["--max-tokens", "2"], model: model)
            #expect(object["prompt_tokens"] as? Int == 3 && errors.isEmpty)
            #expect(object["text"] as? String == "<|turn|><|turn|>")
            let (stopped, _) = try await generate(common + ["--stop", "turn|><|t"], model: model)
            #expect(stopped["text"] as? String == "<|" && stopped["finish_reason"] as? String == "stop")
            let plain = try await run(["tokenize", "--model", model, "a<|turn|>b"])
            #expect(plain.errors.contains("the text holds <|turn|> as characters") && plain.status == 0)
        }
    }

    @Test("the token put before a text is the declared beginning, whatever ends one")
    func beginning() async throws {
        let names = ["special_tokens_map.json": ["bos_token": "<|endoftext|>", "eos_token": "!"]]
        try await DeclaredModel.with(configuration: ["eos_token_id": NSNull()], files: names) { model in
            let score = ["score", "--local", "--json", "--bos", "The old king", "--model"]
            #expect(try await run(score + [model]).output == run(score + [caseModel]).output)
            let (object, _) = try await generate(["a", "--max-tokens", "1"], model: model)
            #expect(object["end_tokens"] as? [Int] == [0])
        }
    }
}
