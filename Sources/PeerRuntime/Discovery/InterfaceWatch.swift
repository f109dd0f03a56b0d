import TorrentCore
import TorrentIO

/// Sees that this machine has other addresses than before: a network may be there again. Confined to its reactor.
final class InterfaceWatch {
    private let reactor: Reactor
    private let onChange: () -> Void
    private var known: [InterfaceAddress]
    private var timer: TimerID?

    private static let interval = Duration.seconds(10)
    /// A host of containers may have thousands.
    private static let mostAddresses = 64

    /// Begins to look.
    init(on reactor: Reactor, _ onChange: @escaping () -> Void) {
        self.reactor = reactor
        self.onChange = onChange
        known = Self.addresses
        lookLater()
    }

    func end() {
        if let timer { reactor.cancel(timer) }
        timer = nil
    }

    private static var addresses: [InterfaceAddress] { Array(InterfaceAddress.all().prefix(mostAddresses)) }

    private func lookLater() {
        timer = reactor.setTimer(after: Self.interval) { [weak self] in self?.look() }
    }

    private func look() {
        let addresses = Self.addresses
        let hasChanged = addresses != known
        known = addresses
        lookLater()
        if hasChanged { onChange() }
    }
}
