/// Copies a regular file, whatever links lead to it; the copy is there whole or not at all. Throws
/// ``ModelFileError/cannotRead(file:reason:)`` or ``ModelFileError/cannotWrite(file:reason:)``.
package func copyFile(from source: String, to destination: String) throws(ModelFileError) {
    let pieceBytes = 1 << 20
    let file = try ReadOnlyFile(path: source)
    let copy = try AtomicFile(path: destination)
    var done = 0
    while done < file.byteCount {
        let piece = try file.read(at: done, count: min(pieceBytes, file.byteCount - done))
        try copy.write(piece.span.bytes)
        done += piece.count
    }
    try copy.commit(durable: true)
}
