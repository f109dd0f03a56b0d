/// First in, first out, cheap to take from the front.
package struct Queue<Element: Equatable> {
    private var elements: [Element] = []
    private var head = 0

    package init() {}

    package var count: Int { elements.count - head }
    package var isEmpty: Bool { head == elements.count }
    /// The one that has waited longest; nil if none waits.
    package var first: Element? { isEmpty ? nil : elements[head] }

    /// The `position`-th from the front, which must exist.
    package subscript(position: Int) -> Element { elements[head + position] }

    /// At the end. Constant time, amortised.
    package mutating func append(_ element: Element) {
        elements.append(element)
    }

    /// Nil if none waits.
    @discardableResult
    package mutating func removeFirst() -> Element? {
        guard let element = first else { return nil }
        advance()
        return element
    }

    /// Keeps the memory for those that come next.
    package mutating func removeAll() {
        elements.removeAll(keepingCapacity: true)
        head = 0
    }

    // The dead front is dropped when it is half of the array: amortised, each element moves at most once.
    private mutating func advance() {
        head += 1
        if head == elements.count {
            removeAll()
        } else if head >= 64, head * 2 >= elements.count {
            elements.removeSubrange(..<head)
            head = 0
        }
    }
}

extension Queue: Sendable where Element: Sendable {}
