/// The figures of a case, as a line for people and as one for programs.
struct QualityLine {
    let world: QualityCase
    let columns: [(name: String, spread: Spread?)]

    init(_ world: QualityCase, runs: [QualityRun]) {
        self.world = world
        let best = world.best
        columns = [
            ("last", Spread(runs.map { $0.last.map { $0 / best } })),
            ("mean", Spread(runs.map { $0.mean.map { $0 / best } })),
            ("copies", Spread(runs.map(\.copies))),
            ("given", Spread(runs.map(\.given))),
            ("free", Spread(runs.map(\.freeShare))),
            ("waste", Spread(runs.map(\.waste))),
            ("ours", Spread(runs.map(\.ours))),
            ("others", Spread(runs.map(\.others))),
        ]
    }

    static let heading =
        pad("case", 34) + "  last/T*        mean/T*        copies         given          free share     waste          "
        + "ours/std       others/std     asked"

    var text: String {
        let figures = columns.map { column in
            let text = column.spread.map {
                Self.isPaired(column.name)
                    ? Self.digits($0.mean) + "±" + Self.digits($0.margin)
                    : Self.digits($0.median) + " " + Self.digits($0.worst)
            }
            return Self.pad(text ?? "-", 15)
        }
        return Self.pad(world.name, 34) + "  " + figures.joined() + world.asked
    }

    var json: String {
        let figures = columns.compactMap { column in
            column.spread.map {
                "\"\(column.name)\":{\"median\":\(Self.digits($0.median)),\"worst\":\(Self.digits($0.worst)),"
                    + "\"mean\":\(Self.digits($0.mean)),\"margin\":\(Self.digits($0.margin))}"
            }
        }
        return "{\"case\":\"\(world.name)\"," + figures.joined(separator: ",") + "}"
    }

    /// Ratios of two runs of one seed: a mean and its margin say more of them than the middle and the worst.
    private static func isPaired(_ column: String) -> Bool { column == "ours" || column == "others" }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// Three digits after the point.
    private static func digits(_ figure: Double) -> String {
        let thousandths = Int((figure * 1_000).rounded())
        let rest = String(thousandths % 1_000)
        return "\(thousandths / 1_000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }
}
