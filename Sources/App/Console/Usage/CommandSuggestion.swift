/// What somebody may have meant who typed a command that there is not.
enum CommandSuggestion {
    /// What other programs call it.
    private static let synonyms = [
        "run": ["generate", "up"], "complete": ["generate"], "chat": ["generate"], "prompt": ["generate"],
        "sample": ["generate"], "infer": ["generate"], "serve": ["up", "coordinator"], "server": ["up", "coordinator"],
        "start": ["up"], "cluster": ["up"], "launch": ["up"], "master": ["coordinator"], "node": ["worker"],
        "join": ["worker"], "ps": ["status"], "list": ["status"], "top": ["status"], "info": ["status"],
        "encode": ["tokenize"], "decode": ["detokenize"], "perplexity": ["score"], "ppl": ["score"], "eval": ["score"],
        "profile": ["trace"], "convert": ["model pack"], "quantize": ["model pack"], "pack": ["model pack"],
        "inspect": ["model inspect"], "show": ["model inspect"], "synth": ["model synth"], "benchmark": ["bench"],
        "random": ["model synth"],
    ]

    /// The likeliest first; none where nothing is near.
    static func commands(for typed: String, among known: [String]) -> [String] {
        let lowercased = typed.lowercased()
        let near = known.map { ($0, distance(lowercased, $0)) }.filter { $0.1 <= max(1, min($0.0.count, 6) / 3) }
        if let best = near.map(\.1).min() { return near.filter { $0.1 == best }.map(\.0) }
        let longer = known.filter { lowercased.count >= 3 && $0.hasPrefix(lowercased) }
        return longer.isEmpty ? synonyms[lowercased] ?? [] : longer
    }

    /// Letters to insert, remove, exchange with the next or replace until one word is the other.
    static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left.prefix(64)), Array(right.prefix(64)))
        var rows = [Array(0...right.count)]
        for (row, letter) in left.enumerated() {
            var next = [row + 1]
            for (column, other) in right.enumerated() {
                var least = min(
                    rows[row][column + 1] + 1, next[column] + 1, rows[row][column] + (letter == other ? 0 : 1))
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    least = min(least, rows[row - 1][column - 1] + 1)
                }
                next.append(least)
            }
            rows.append(next)
        }
        return rows[left.count][right.count]
    }
}
