/// An address that the threads of a team only read from, while its owner waits for them.
///
/// Unchecked, for the pointer: nobody writes there meanwhile.
struct SharedAddress: @unchecked Sendable {
    let pointer: UnsafeRawPointer

    init(_ pointer: UnsafeRawPointer) { self.pointer = pointer }
}
