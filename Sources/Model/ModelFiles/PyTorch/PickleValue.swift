/// Text or bytes of a pickle, left where they lie: so many bytes from that byte of the pickle on.
struct PickleText: Hashable, Sendable {
    let start: UInt32
    let count: UInt32
}

/// A value on the stack of a ``PickleMachine``. What holds other values is an object of the ``PickleHeap``, named by its
/// number: shared wherever the pickle shares it, and never copied.
enum PickleValue: Equatable, Sendable {
    case none
    case bool(Bool)
    case integer(Int)
    /// An integer that `Int` does not hold, as its little-endian bytes.
    case longInteger(PickleText)
    case float(Double)
    case text(PickleText)
    case bytes(PickleText)
    case object(Int32)
}

/// What an object of the heap is.
enum PickleObject: Sendable {
    /// A list, a tuple or a set.
    case sequence
    case dictionary
    /// A class or function that this program gives a meaning to.
    case known(KnownGlobal, name: GlobalName)
    /// Any other class or function: a name, and no more.
    case global(GlobalName)
    /// What such a class or function would have made. Nothing can be done with it, and what is put into it is dropped.
    case inert(madeBy: GlobalName)
    /// By its number in ``PickleHeap/storages``.
    case storage(Int32)
    /// By its number among the heap's tensors.
    case tensor(Int32)
}

/// The name of a class or function in a pickle.
struct GlobalName: Hashable, Sendable {
    let module: PickleText
    let name: PickleText
}

/// Where a pickle says that elements lie, for one tensor or several.
struct PickledStorage: Sendable {
    /// The name by which the file knows the storage.
    let key: PickleText
    let type: StorageType
    /// Its class.
    let name: GlobalName
    /// Elements of it, of the whole even where this is a view.
    let elementCount: Int
    /// The part of the elements that a view sees; nil for the whole.
    let view: Range<Int>?
}

/// What a pickle says of a tensor; nothing of it is checked against the file.
struct PickledTensor: Sendable {
    /// Its number in ``PickleHeap/storages``.
    let storage: Int32
    /// Type of the elements, where it is not the storage's own.
    let type: ElementType?
    /// Its first element's place in the storage, in elements.
    let offset: Int
    let shape: [Int]
    /// Elements from one index to the next in each dimension.
    let strides: [Int]
}
