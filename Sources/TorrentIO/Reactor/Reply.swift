/// Where another thread sends the answer to what a reactor asked: good for one use.
package struct Reply<Answer: Sendable>: Sendable {
    let reactor: Reactor
    let number: UInt64

    /// From any thread.
    package func send(_ answer: Answer) {
        reactor.perform { [reactor, number] in reactor.deliver(answer, to: number) }
    }
}

/// The bodies of the replies that a reactor waits for.
struct ReplyTable {
    private final class Body<Answer> {
        let call: (Answer) -> Void
        init(_ call: @escaping (Answer) -> Void) { self.call = call }
    }

    private var bodies: [UInt64: AnyObject] = [:]
    private var lastNumber: UInt64 = 0

    mutating func insert<Answer>(_ call: @escaping (Answer) -> Void) -> UInt64 {
        lastNumber += 1
        bodies[lastNumber] = Body(call)
        return lastNumber
    }

    mutating func take<Answer>(_ number: UInt64, of: Answer.Type) -> ((Answer) -> Void)? {
        (bodies.removeValue(forKey: number) as? Body<Answer>)?.call
    }

    mutating func removeAll() { bodies = [:] }
}
