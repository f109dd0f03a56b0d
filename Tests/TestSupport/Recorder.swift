import Synchronization

/// A value that several threads add to.
package final class Recorder<Element: Sendable>: Sendable {
    private let state = Mutex<[Element]>([])

    package init() {}

    package func add(_ element: Element) { state.withLock { $0.append(element) } }
    package var all: [Element] { state.withLock { $0 } }
}
