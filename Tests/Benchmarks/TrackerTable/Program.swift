import Glibc
import TorrentIO

/// `tracker-benchmark [--torrents N] [--peers P] [--ipv6] [--announces M] [--runs N] [--processor-time] [--short]
/// [--json] [--state FILE]`
///
/// With `--state`, nothing is measured: a full tracker's state is written, whose peers are all about to expire.
@main
enum Program {
    static func main() {
        // As in the tracker itself.
        ProcessLimits.returnLargeBlocks()
        var benchmark = TableBenchmark()
        var isJSON = false
        var state: String?
        var arguments = CommandLine.arguments.dropFirst()
        while let argument = arguments.popFirst() {
            switch argument {
            case "--torrents": benchmark.torrents = number(arguments.popFirst())
            case "--peers": benchmark.peers = number(arguments.popFirst())
            case "--announces": benchmark.announces = number(arguments.popFirst())
            case "--runs": benchmark.runs = number(arguments.popFirst())
            case "--state": state = arguments.popFirst()
            case "--processor-time": benchmark.countsProcessorTime = true
            case "--ipv6": benchmark.isIPv6 = true
            case "--json": isJSON = true
            case "--short":
                benchmark.torrents = 20_000
                benchmark.announces = 50_000
            default:
                print("unknown option \(argument)")
                exit(2)
            }
        }
        if let state { return benchmark.writeState(to: state) }
        let results = benchmark.run()
        if isJSON {
            let fields = results.map { "\"\($0.name)\":{\"value\":\($0.value),\"unit\":\"\($0.unit)\"}" }
            print("{\(fields.joined(separator: ","))}")
        } else {
            print("\(benchmark.torrents) torrents, \(benchmark.peers) peers each, random order")
            for result in results {
                print("\(result.name): \((result.value * 1_000).rounded() / 1_000) \(result.unit)")
            }
        }
    }

    private static func number(_ text: String?) -> Int {
        guard let text, let number = Int(text), (1...20_000_000).contains(number) else {
            print("a number from 1 to 20,000,000 is missing")
            exit(2)
        }
        return number
    }
}
