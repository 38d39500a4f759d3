/// A plain value of a checkpoint's settings.
package enum PickleScalar: Sendable, Equatable {
    case none
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case text(String)
}
