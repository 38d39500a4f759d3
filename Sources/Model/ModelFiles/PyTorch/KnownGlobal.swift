/// The classes and functions of Python that a pickled tensor needs.
enum KnownGlobal: Equatable, Sendable {
    /// A dictionary that is called without values or with a list of pairs.
    case dictionary
    /// A function that makes a tensor of a storage, with the number of its arguments that have to be there.
    case rebuildTensor(takesType: Bool)
    /// A function whose first argument is the tensor that it makes.
    case rebuildParameter
    /// A function that calls another for a tensor with attributes.
    case rebuildFromType
    /// The shape of a tensor.
    case size
    case storage(StorageType)
    case elementType(ElementType)
    /// A class that adds nothing to what a tensor is.
    case tensorClass

    /// The meaning of `module.name`; nil where it has none here.
    init?(module: String, name: String) {
        switch (module, name) {
        case ("collections", "OrderedDict"), ("collections", "defaultdict"), ("builtins", "dict"),
            ("__builtin__", "dict"):
            self = .dictionary
        case ("torch._utils", "_rebuild_tensor"), ("torch._utils", "_rebuild_tensor_v2"):
            self = .rebuildTensor(takesType: false)
        case ("torch._utils", "_rebuild_tensor_v3"): self = .rebuildTensor(takesType: true)
        case ("torch._utils", "_rebuild_parameter"), ("torch._utils", "_rebuild_parameter_with_state"):
            self = .rebuildParameter
        case ("torch._tensor", "_rebuild_from_type_v2"): self = .rebuildFromType
        case ("torch", "Size"): self = .size
        case ("torch", "Tensor"), ("torch._tensor", "Tensor"), ("torch.nn.parameter", "Parameter"):
            self = .tensorClass
        case ("torch", _), ("torch.cuda", _), ("torch.storage", _):
            if let type = StorageType.named[name] {
                self = .storage(type)
            } else if module == "torch", let type = Self.elementTypes[name] {
                self = .elementType(type)
            } else {
                return nil
            }
        default: return nil
        }
    }

    private static let elementTypes: [String: ElementType] = [
        "float32": .f32, "float": .f32, "float64": .f64, "double": .f64, "float16": .f16, "half": .f16,
        "bfloat16": .bf16, "bool": .bool, "uint8": .u8, "uint16": .u16, "uint32": .u32, "uint64": .u64, "int8": .i8,
        "int16": .i16, "short": .i16, "int32": .i32, "int": .i32, "int64": .i64, "long": .i64, "complex64": .c64,
        "float8_e5m2": .f8e5m2, "float8_e4m3fn": .f8e4m3, "float8_e5m2fnuz": .f8e5m2fnuz,
        "float8_e4m3fnuz": .f8e4m3fnuz, "float8_e8m0fnu": .f8e8m0,
    ]
}

/// What the elements of a storage are.
struct StorageType: Equatable, Sendable {
    /// nil where they are of a type that weights never have.
    let elements: ElementType?
    /// Bytes of an element.
    let width: Int

    private init(_ elements: ElementType) { (self.elements, width) = (elements, elements.byteWidth) }

    private init(width: Int) { (elements, self.width) = (nil, width) }

    /// The storage classes of PyTorch by name.
    static let named: [String: StorageType] = [
        "FloatStorage": Self(.f32), "DoubleStorage": Self(.f64), "HalfStorage": Self(.f16),
        "BFloat16Storage": Self(.bf16), "ByteStorage": Self(.u8), "CharStorage": Self(.i8), "ShortStorage": Self(.i16),
        "IntStorage": Self(.i32), "LongStorage": Self(.i64), "BoolStorage": Self(.bool),
        "ComplexFloatStorage": Self(.c64), "ComplexDoubleStorage": Self(width: 16), "QInt8Storage": Self(width: 1),
        "QUInt8Storage": Self(width: 1), "QInt32Storage": Self(width: 4), "QUInt4x2Storage": Self(width: 1),
        "QUInt2x4Storage": Self(width: 1), "UntypedStorage": Self(width: 1),
    ]
}
