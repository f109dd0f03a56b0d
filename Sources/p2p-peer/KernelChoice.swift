internal import ByteStrings
internal import CommandLineKit
internal import TorrentCore
internal import TorrentIO

/// `P2P_HASH_KERNEL`, which forces a hash kernel: one that is not available is refused, not ignored.
enum KernelChoice {
    static let variable = "P2P_HASH_KERNEL"

    /// Called by all commands that hash, before they begin.
    static func apply() throws(CommandError) {
        guard let name = ProcessEnvironment.value(of: variable), !name.isEmpty else { return }
        if let kernel = name.text.flatMap({ HashKernel(named: $0) }), kernel.force() { return }
        let names = HashKernel.available.map(\.name).joined(separator: ", ")
        throw CommandError(.usage, "\(variable): \"\(name)\" is no hash kernel of this processor, which has \(names)")
    }
}

/// `P2P_POLLER`, which forces a poller.
enum PollerChoice {
    private static let variable = "P2P_POLLER"

    /// Called by all commands that use sockets, before they begin.
    static func check() throws(CommandError) {
        guard let name = ProcessEnvironment.value(of: variable), !name.isEmpty else { return }
        guard name.text.flatMap({ PollerKind(rawValue: $0) }) == nil else { return }
        let names = PollerKind.allCases.map(\.rawValue).joined(separator: " and ")
        throw CommandError(.usage, "the variable \(variable): \"\(name)\" is no way to wait; there is \(names)")
    }
}
