/// What needs a comment, and what says all by its name.
extension RulesCanFailTests {
    static let comments = [
        Sample(.documented, engine, "package struct A {}\n", breaks: [1]),
        Sample(.documented, engine, "public final class A {}\n", breaks: [1]),
        Sample(.documented, engine, "/// One.\n// Two.\n@frozen\npublic enum A {}\nstruct B {}\n"),
        Sample(.documented, engine, "package struct A {\n    package func go() {}\n}\n", breaks: [1, 2]),
        Sample(.documented, engine, "package class func make() {}\npackage final func run() {}", breaks: [1, 2]),
        Sample(
            .documented, engine, members("package func go(\n    at now: Moment\n) {\n    package()\n}"), breaks: [3]),
        Sample(.documented, engine, members("func inside() {\n    var shown = 1\n    switch a { case b: c }\n}")),
        Sample(.documented, engine, members("package let left: Int64\npackage var total = 1"), breaks: [3, 4]),
        // As its type is called; but a count has no type that says what is counted.
        Sample(.documented, engine, members("package let geometry: TorrentGeometry\npackage var files: [File]")),
        Sample(.documented, engine, members("package let first: Endpoint\npackage let text: String"), breaks: [3, 4]),
        Sample(
            .documented, engine, members("package var limits = SwarmLimits()\npackage let most = Int(3)"), breaks: [4]),
        Sample(.documented, engine, members("package var isPrivate: Bool { a }\npackage let hasColor = true")),
        Sample(.documented, engine, members("package var issued: Bool\npackage var isHow: Mode"), breaks: [3, 4]),
        Sample(
            .documented, engine, members("package var files: Int { table.files }\npackage var a: Int { b.c }"),
            breaks: [4]),
        // From its parts alone.
        Sample(
            .documented, engine,
            members("let a: Int\nlet b: Int\npackage init(a: Int, _ b: Int = 3) {}\npackage init() {}")
        ),
        Sample(
            .documented, engine, members("let a: Int\npackage init(\n    a: Int, from c: [Int: Int]\n) {}"), breaks: [4]
        ),
        Sample(.documented, engine, members("package static func == (a: A, b: A) -> Bool { true }")),
        // Cases.
        Sample(.documented, engine, cases("case one\ncase two(Int)"), breaks: [3, 4]),
        Sample(.documented, engine, cases("case one, two")),
        Sample(
            .documented, engine, cases("/// One.\ncase one\ncase endpoint(Endpoint)\ncase b(Endpoint)"), breaks: [6]),
        Sample(.documented, engine, cases("case one\ncase two", raw: ": String")),
        Sample(
            .documented, engine,
            cases("case one\ncase two\nvar text: String {\n    switch self {\n    case .one: \"1\"\n    }\n}"),
            breaks: [4]),
        Sample(.documented, engine, "enum A {\n    case one\n    case two\n}"),
        Sample(
            .documented, engine, "/// A.\npackage protocol A {\n    func go()\n    /// B.\n    var b: Int { get }\n}",
            breaks: [3]),
    ]

    private static func members(_ text: String) -> String { "/// A.\npackage struct A {\n\(text)\n}\n" }

    private static func cases(_ text: String, raw: String = "") -> String {
        "/// A.\npackage enum A\(raw) {\n\(text)\n}\n"
    }
}
