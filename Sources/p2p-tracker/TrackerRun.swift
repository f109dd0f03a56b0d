internal import ByteStrings
internal import CommandLineKit
internal import Dispatch
internal import Glibc
internal import TorrentCore
internal import TorrentIO
internal import TrackerRuntime

/// A run of the tracker, from its start until it is ended.
struct TrackerRun {
    private let configuration: TrackerConfiguration
    private let output: Output

    init(_ configuration: TrackerConfiguration, output: Output) {
        self.configuration = configuration
        self.output = output
    }

    func run() throws(CommandError) -> ExitCode {
        ProcessLimits.returnLargeBlocks()
        let ended = DispatchSemaphore(value: 0)
        // Watched before the port is open, since a signal may come as soon as it listens.
        let signals = EndingSignals(
            onEnd: { _ in ended.signal() }, onImpatience: { exit(ExitCode.interrupted.rawValue) })
        let server: TrackerServer
        let endpoints: [Endpoint]
        do throws(TrackerServerError) {
            server = try TrackerServer(configuration)
            endpoints = try server.start()
        } catch {
            throw Self.commandError(error, port: configuration.port)
        }
        sayListening(endpoints, server.announceURLs)
        ended.wait()
        let failure = server.stop()
        signals.cancel()
        output.isJSON ? output.event(["event": "stopped"]) : output.message("Stopped.")
        guard case .stateNotWritten(_, _, let isDiskFull) = failure else { return .success }
        return isDiskFull ? .diskFull : .inputOutput
    }

    private func sayListening(_ endpoints: [Endpoint], _ urls: [String]) {
        if output.isJSON {
            for endpoint in endpoints {
                output.event([
                    "event": "listening", "address": .string(endpoint.address.description),
                    "port": .integer(Int64(endpoint.port)),
                ])
            }
            return
        }
        guard !output.isQuiet else { return }
        let places = endpoints.map { TerminalText($0.description) }
        output.result("Tracker listening on \(TerminalText.joined(places, by: " and ")), HTTP and UDP")
        for (position, url) in urls.enumerated() {
            output.result("  \(position == 0 ? "announce URL" : "            ")  \(url, .bold)")
        }
        if let page = urls.first.map({ String($0.dropLast("announce".count)) }) {
            output.result("  page          \(page)")
        }
        output.result("Ctrl-C ends it.")
    }

    private static func commandError(_ error: TrackerServerError, port: UInt16) -> CommandError {
        switch error {
        case .portTaken(let endpoint):
            CommandError(
                .network,
                "port \(endpoint.port) is taken, perhaps by another tracker: name another with --port, or 0 for any")
        case .cannotListen(let endpoint, let reason):
            CommandError(.network, "cannot listen on \(endpoint): \(reason)")
        case .cannotStart(let reason): CommandError(.failure, "cannot start: \(reason)")
        case .stateUnusable(let path, let reason, let isDiskFull):
            CommandError(isDiskFull ? .diskFull : .inputOutput, "cannot keep the state in \(path): \(reason)")
        }
    }
}
