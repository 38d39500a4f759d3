/// A binary heap of numbers that gives the smallest first.
struct BinaryHeap {
    private var elements: [UInt64]

    /// A heap of some elements, in linear time.
    init(_ elements: [UInt64]) {
        self.elements = elements
        for index in (0..<elements.count / 2).reversed() {
            siftDown(from: index)
        }
    }

    /// Adds an element.
    mutating func push(_ element: UInt64) {
        elements.append(element)
        var index = elements.count - 1
        while index > 0, case let parent = (index - 1) / 2, element < elements[parent] {
            elements[index] = elements[parent]
            index = parent
        }
        elements[index] = element
    }

    /// Takes out the smallest element; nil if there is none.
    mutating func popSmallest() -> UInt64? {
        guard let smallest = elements.first else { return nil }
        let last = elements.removeLast()
        if !elements.isEmpty {
            elements[0] = last
            siftDown(from: 0)
        }
        return smallest
    }

    private mutating func siftDown(from start: Int) {
        let element = elements[start]
        var index = start
        while case var child = 2 * index + 1, child < elements.count {
            if child + 1 < elements.count, elements[child + 1] < elements[child] { child += 1 }
            if element <= elements[child] { break }
            elements[index] = elements[child]
            index = child
        }
        elements[index] = element
    }
}
