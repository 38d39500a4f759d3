/// An address that threads only read from while the owner of the memory waits for them.
///
/// Unchecked because of the pointer: nobody writes there meanwhile.
struct SharedAddress: @unchecked Sendable {
    let pointer: UnsafeRawPointer

    init(_ pointer: UnsafeRawPointer) { self.pointer = pointer }
}
