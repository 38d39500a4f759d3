/// What a ``PickleMachine`` works on: values, marks between them, and values it was told to remember.
struct PickleStack {
    private var values: [PickleValue] = []
    /// How many values there were when each mark was set.
    private var marks: [Int] = []
    private var memo: [PickleValue] = []

    /// A pickle that takes what is not there, or piles up too much; the text says which.
    struct Fault: Error {
        let reason: String
    }

    private static let empty = Fault(reason: "it takes a value where there is none")
    private static let noMark = Fault(reason: "it goes back to a mark where there is none")
    private static let tall = Fault(reason: "it needs more than \(Limits.pickleStack) values at once")

    mutating func push(_ value: PickleValue) throws(Fault) {
        guard values.count < Limits.pickleStack else { throw Self.tall }
        values.append(value)
    }

    mutating func pop() throws(Fault) -> PickleValue {
        guard values.count > (marks.last ?? 0), let value = values.popLast() else { throw Self.empty }
        return value
    }

    func top() throws(Fault) -> PickleValue {
        guard values.count > (marks.last ?? 0), let value = values.last else { throw Self.empty }
        return value
    }

    /// Takes off the upper `count` values, the lowest first.
    mutating func pop(_ count: Int) throws(Fault) -> [PickleValue] {
        guard values.count - (marks.last ?? 0) >= count else { throw Self.empty }
        return takeOff(count)
    }

    mutating func mark() throws(Fault) {
        guard marks.count < Limits.pickleStack else { throw Self.tall }
        marks.append(values.count)
    }

    /// Takes off all that is above the last mark, and the mark.
    mutating func popToMark() throws(Fault) -> [PickleValue] {
        guard let mark = marks.popLast() else { throw Self.noMark }
        return takeOff(values.count - mark)
    }

    /// A copy of the upper values, for a slice of them would have all others copied when it is taken off.
    private mutating func takeOff(_ count: Int) -> [PickleValue] {
        let upper = Array(values.suffix(count))
        values.removeLast(count)
        return upper
    }

    /// Takes off the last mark if nothing is above it, else a value.
    mutating func popValueOrMark() throws(Fault) {
        if let mark = marks.last, mark == values.count { marks.removeLast() } else { _ = try pop() }
    }

    /// Remembers the upper value under the next number, or under that one.
    mutating func remember(under number: Int? = nil) throws(Fault) {
        let value = try top()
        let number = number ?? memo.count
        guard number < Limits.pickleStack else { throw Self.tall }
        while memo.count <= number { memo.append(.none) }
        memo[number] = value
    }

    /// Pushes the value remembered under that number.
    mutating func recall(_ number: Int) throws(Fault) {
        guard number < memo.count else {
            throw Fault(reason: "it recalls value \(number), which it has not remembered")
        }
        try push(memo[number])
    }
}
