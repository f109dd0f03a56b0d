import TorrentIO

/// Sees that this machine reaches the world another way than before: a network may be there again. Confined to its
/// reactor.
final class InterfaceWatch {
    private let reactor: Reactor
    private let onChange: () -> Void
    private var ways: NetworkWays
    private var timer: TimerID?

    private static let interval = Duration.seconds(10)

    /// Begins to look.
    init(on reactor: Reactor, _ onChange: @escaping () -> Void) {
        self.reactor = reactor
        self.onChange = onChange
        ways = NetworkWays(.now())
        lookLater()
    }

    func end() {
        if let timer { reactor.cancel(timer) }
        timer = nil
    }

    private func lookLater() {
        timer = reactor.setTimer(after: Self.interval) { [weak self] in self?.look() }
    }

    private func look() {
        lookLater()
        if ways.haveChanged(to: .now(), at: reactor.now) { onChange() }
    }
}
