/// What a value should look like, in words, by the name that `--help` shows for it.
enum ExpectedForm {
    private static let words = [
        "count": "a whole number",
        "number": "a number",
        "seconds": "a number of seconds",
        "milliseconds": "a whole number of milliseconds",
        "seed": "a whole number, 0 or more",
        "port": "a port, from 0 to 65535",
        "tcp://host:port": "tcp://HOST:PORT, with a port from 1 to 65535",
        "bytes": "bytes, such as 8G or 512M",
        "first-last": "layers, such as 0-3",
        "id": "the id of a token, a whole number",
        "ids": "ids of tokens, whole numbers",
        "id:bias": "ID:BIAS, such as 50256:-100",
        "counts": "whole numbers from 1 to 65536, such as 1,8,32",
        "rates": "numbers from 0.001 to 10000, such as 0.1,1,10",
        "types": "types of weights, such as f32,int8",
        "length": "a length, or a range such as 5-900",
        "file": "the path of a file",
        "directory": "the path of a directory",
        "path": "the path of a directory or file",
        "host": "a host name or address",
        "name": "a name",
        "names": "names, such as attn.c_attn,head",
        "text": "a text",
    ]

    /// - Parameter argument: nil where the command is not known.
    static func text(_ argument: CommandTree.Argument?) -> String? {
        if let values = argument?.allValues, let last = values.last {
            return values.count == 1 ? last : values.dropLast().joined(separator: ", ") + " or " + last
        }
        return argument?.valueName.flatMap { words[$0] }
    }
}
