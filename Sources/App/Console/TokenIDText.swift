/// Token ids as `paceline tokenize` writes them: separated by spaces, commas or newlines, in brackets or not.
package enum TokenIDText {
    /// - Parameter name: of where the text is from, for errors.
    /// - Throws: ``UsageError`` that names the first word that is no id.
    package static func ids(_ text: [UInt8], name: String) throws(UsageError) -> [Int32] {
        var ids: [Int32] = []
        for word in String(decoding: text, as: UTF8.self).split(whereSeparator: {
            $0.isWhitespace || ",[]".contains($0)
        }) {
            guard let id = Int32(word), id >= 0 else {
                throw UsageError(
                    "\(name): \"\(word.prefix(40))\" is no token id; expected ids such as 464 3290, or [464,3290]")
            }
            ids.append(id)
        }
        return ids
    }
}
