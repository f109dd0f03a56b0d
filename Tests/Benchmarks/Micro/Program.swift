/// Micro benchmarks: how quick single parts are, on one thread and without the system.
///
///     micro-benchmark [--short] [--json] [NAME...]
@main
enum Program {
    static let measures: [(name: String, run: @Sendable (Bench) -> Void)] = [
        ("bencode", measureBencode), ("hash", measureHashing), ("codec", measureCodec), ("picker", measurePicker),
        ("announce", measureAnnouncing), ("list", measureListing), ("dht", measureAnswering),
    ]

    static func main() {
        var names: [String] = []
        var bench = Bench()
        for argument in CommandLine.arguments.dropFirst() {
            switch argument {
            case "--short": bench.isShort = true
            case "--json": bench.isJSON = true
            default:
                guard measures.contains(where: { $0.name == argument }) else {
                    print("usage: micro-benchmark [--short] [--json] [\(measures.map(\.name).joined(separator: "|"))]")
                    return
                }
                names.append(argument)
            }
        }
        for measure in measures where names.isEmpty || names.contains(measure.name) { measure.run(bench) }
    }
}
