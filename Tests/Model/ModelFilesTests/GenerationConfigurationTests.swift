import ModelFiles
import TestSupport
import Testing

@Suite("generation_config.json")
struct GenerationConfigurationTests {
    private static let vocabularySize = 100

    /// What a directory with these two files says.
    private func defaults(_ generation: String?, configuration: String = "{}") throws -> GenerationDefaults {
        let directory = try TemporaryDirectory()
        try directory.write(configuration, to: "config.json")
        if let generation { try directory.write(generation, to: "generation_config.json") }
        return try GenerationDefaults(directory: directory.path, vocabularySize: Self.vocabularySize)
    }

    private func failure(_ generation: String?, configuration: String = "{}") -> String? {
        let error = #expect(throws: ModelFileError.self) {
            try defaults(generation, configuration: configuration)
        }
        return error?.description
    }

    @Test("what is written counts; what is not, and null, is nothing")
    func written() throws {
        let all = try defaults(
            #"{"temperature": 0.7, "top_k": 40, "top_p": 0.92, "min_p": 0.05, "repetition_penalty": 1.15}"#)
        #expect(all.temperature == 0.7 && all.topK == 40 && all.topP == 0.92 && all.minP == 0.05)
        #expect(all.repetitionPenalty == 1.15 && all.endTokens == nil && all.notice == nil)
        for text in [nil, "{}", #"{"temperature": null, "top_k": null, "eos_token_id": null, "num_beams": null}"#] {
            let none = try defaults(text)
            #expect(none.temperature == nil && none.topK == nil && none.topP == nil && none.minP == nil)
            #expect(none.repetitionPenalty == nil && none.endTokens == nil && none.notDone == [])
        }
    }

    @Test("do_sample counts where it is written and false")
    func sampling() throws {
        #expect(try defaults(#"{"do_sample": false, "temperature": 0.7}"#).temperature == 0)
        #expect(try defaults(#"{"do_sample": true, "temperature": 0.7}"#).temperature == 0.7)
        #expect(try defaults(#"{"do_sample": true}"#).temperature == nil)
        #expect(try defaults(#"{"do_sample": null, "temperature": 0}"#).temperature == 0)
        #expect(try defaults(#"{"do_sample": true, "top_k": 50.0}"#).topK == 50)
    }

    @Test("end tokens are from here if written, else from config.json: one or a list, each once")
    func endTokens() throws {
        #expect(try defaults(#"{"eos_token_id": 7}"#, configuration: #"{"eos_token_id": 8}"#).endTokens == [7])
        #expect(try defaults("{}", configuration: #"{"eos_token_id": [8, 0, 99, 8]}"#).endTokens == [8, 0, 99])
        #expect(try defaults(nil, configuration: #"{"eos_token_id": 8}"#).endTokens == [8])
        #expect(try defaults(#"{"eos_token_id": null}"#, configuration: #"{"eos_token_id": 8}"#).endTokens == [8])
        #expect(try defaults(#"{"eos_token_id": []}"#, configuration: #"{"eos_token_id": 8}"#).endTokens == [])
    }

    @Test(
        "an end token that is none is refused with file, field and vocabulary",
        arguments: ["100", "-1", "[1, 100]", "1.5", "\"7\"", "[[1]]", "true", "1e30"])
    func badEndTokens(value: String) {
        let here = failure("{\"eos_token_id\": \(value)}")
        #expect(here?.contains("generation_config.json: eos_token_id: ") == true && here?.contains("0 to 99") == true)
        let there = failure(nil, configuration: "{\"eos_token_id\": \(value)}")
        #expect(there?.contains("/config.json: eos_token_id: ") == true)
    }

    @Test("more than 64 end tokens are refused")
    func manyEndTokens() throws {
        let list = (0..<65).map { "\($0)" }.joined(separator: ",")
        #expect(failure("{\"eos_token_id\": [\(list)]}")?.contains("more than 64 tokens in eos_token_id") == true)
    }

    @Test(
        "values out of range or of another type are refused with file and field",
        arguments: [
            ("temperature", "-0.1"), ("temperature", "101"), ("temperature", "\"1\""), ("top_k", "-1"),
            ("top_k", "1.5"), ("top_k", "4294967296"), ("top_k", "[]"), ("top_p", "1.01"), ("top_p", "true"),
            ("min_p", "-1"), ("min_p", "1e300"), ("repetition_penalty", "0"), ("do_sample", "1"),
        ])
    func badValues(field: String, value: String) {
        let line = failure("{\"\(field)\": \(value)}")
        #expect(line?.contains("generation_config.json: \(field): ") == true && line?.contains("\n") == false)
    }

    @Test("what is no object of JSON is refused", arguments: ["", "[]", "7", "{", "{\"a\": 1, \"a\": 2}"])
    func noObject(text: String) {
        #expect(failure(text)?.contains("generation_config.json: ") == true)
    }

    @Test("1,000 damaged files: each gives values within their ranges, or ends in one line that names it")
    func damaged() throws {
        let directory = try TemporaryDirectory()
        try directory.write("{}", to: "config.json")
        let original =
            #"{"temperature": 0.7, "top_k": 40, "top_p": 0.92, "repetition_penalty": 1.15, "#
            + #""do_sample": true, "eos_token_id": [7, 99], "num_beams": 4, "bad_words_ids": [[1, 2], [3]]}"#
        var mutator = Mutator(random: SplitMix64(seed: TestSeed.value))
        for round in 0..<1_000 {
            try directory.write(mutator.text(Array(original.utf8)), to: "generation_config.json")
            do throws(ModelFileError) {
                let read = try GenerationDefaults(directory: directory.path, vocabularySize: Self.vocabularySize)
                #expect(
                    (0...100).contains(read.temperature ?? 0) && (0...1).contains(read.topP ?? 0),
                    "\(round) of seed \(TestSeed.value)")
                #expect((0.01...100).contains(read.repetitionPenalty ?? 1), "\(round) of seed \(TestSeed.value)")
                #expect((read.endTokens ?? []).allSatisfy { 0..<100 ~= $0 }, "\(round) of seed \(TestSeed.value)")
            } catch {
                let line = error.description
                #expect(
                    line.contains("generation_config.json: ") && !line.contains("\n"),
                    "\(round) of seed \(TestSeed.value): \(line)")
            }
        }
    }

    @Test("what is asked for and not done is named in one line; what changes nothing is not")
    func notDone() throws {
        let asked = try defaults(
            #"{"num_beams": 4, "no_repeat_ngram_size": 3, "bad_words_ids": [[1]], "typical_p": 0.9, "max_length": 5}"#)
        let all = ["num_beams 4", "no_repeat_ngram_size 3", "typical_p 0.9", "bad_words_ids"]
        #expect(asked.notDone == all)
        let notice = try #require(asked.notice)
        #expect(notice.contains("generation_config.json: asks for \(all.joined(separator: ", ")): not done"))
        let neutral = try defaults(
            """
            {"num_beams": 1, "no_repeat_ngram_size": 0, "typical_p": 1.0, "bad_words_ids": [], "suppress_tokens": null,
             "forced_eos_token_id": null, "renormalize_logits": false, "sequence_bias": {}, "epsilon_cutoff": 0.0,
             "min_length": 10, "max_new_tokens": 20, "transformers_version": "5.24.0", "_from_model_config": true}
            """)
        #expect(neutral.notDone == [] && neutral.notice == nil)
        #expect(try defaults(#"{"forced_eos_token_id": 7, "token_healing": true}"#).notDone.count == 2)
    }
}
