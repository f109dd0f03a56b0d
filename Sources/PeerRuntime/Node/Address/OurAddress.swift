import Synchronization
import TorrentCore

/// Whoever goes by how the world sees us hears of it, on any thread, and must not wait.
protocol OurAddressListener: AnyObject, Sendable {
    func theySeeUs(at address: IPAddress)
}

/// How the world sees this node: the one owner of our external address. Sessions tell it who saw us where (BEP 10,
/// BEP 24), and hear of it when it changes.
final class OurAddress: Sendable {
    private struct Listener {
        weak var listener: (any OurAddressListener)?
    }

    private struct State {
        var votes = AddressVotes()
        var listeners: [Listener] = []

        /// Under the lock, so that all hear of two changes in their order.
        mutating func tell(_ elected: IPAddress) {
            listeners.removeAll { $0.listener == nil }
            for listener in listeners { listener.listener?.theySeeUs(at: elected) }
        }
    }

    private let state = Mutex(State())

    /// `voter` says that it sees us there.
    func saw(_ address: IPAddress, by voter: IPAddress, at now: Moment) {
        state.withLock { state in
            guard let elected = state.votes.vote(for: address, by: voter, at: now) else { return }
            state.tell(elected)
        }
    }

    /// Nodes of the DHT in many nets have agreed on it (BEP 42): no single voter's word.
    func agreed(on address: IPAddress, at now: Moment) {
        state.withLock { state in
            guard let elected = state.votes.elect(address, at: now) else { return }
            state.tell(elected)
        }
    }

    /// Hears at once what is known, and from now on what changes, as long as it lives.
    func join(_ listener: any OurAddressListener) {
        state.withLock { state in
            state.listeners.append(Listener(listener: listener))
            for address in state.votes.elected { listener.theySeeUs(at: address) }
        }
    }

    func leave(_ listener: any OurAddressListener) {
        state.withLock { $0.listeners.removeAll { $0.listener === listener } }
    }
}
