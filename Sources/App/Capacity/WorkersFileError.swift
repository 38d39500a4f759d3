/// A mistake in a file that lists workers; one line that names file, line and field.
package struct WorkersFileError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
