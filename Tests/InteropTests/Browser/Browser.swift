import TestSupport

/// Chromium, through the small driver that tells it what to do.
struct Browser {
    /// Where it is: how wide its window is, in which colours, and whether it runs scripts.
    struct Window: Sendable, CustomStringConvertible {
        var width = 1_400
        var isDark = false
        var runsScripts = true

        var description: String {
            "\(width) pixels\(isDark ? ", dark" : "")\(runsScripts ? "" : ", without scripts")"
        }

        static let narrow = Window(width: 390)
        static let wide = Window(isDark: true)

        var options: [String] {
            ["--width", "\(width)"] + (isDark ? ["--dark"] : []) + (runsScripts ? [] : ["--no-script"])
        }
    }

    /// Fails or skips the running test where there is no browser.
    static func require() throws {
        try Namespace.require([], programs: ["chromium", "python3"])
    }

    let process: RunningProcess

    /// Begins with `steps`, which the driver explains.
    init(_ stage: Stage, _ window: Window, _ steps: [String]) throws {
        process = try stage.start(
            Executables.find("python3") ?? "python3", [Drivers.path("browser.py")] + window.options + steps,
            name: "browser of \(window)")
    }

    /// Goes through all steps; what each of them that evaluates something came to, in their order.
    static func run(_ stage: Stage, _ window: Window, _ steps: [String]) async throws -> [String] {
        try await Browser(stage, window, steps).finish()
    }

    /// Waits until a step has come to `message`.
    func wait(for message: String) async throws {
        try await process.waitForEvent("step", within: .seconds(60)) { $0.message == message }
    }

    /// The same, for a browser that is at work. Whatever goes wrong on a page is an error, unless it is `expected`.
    func finish(expecting expected: String? = nil) async throws -> [String] {
        let status = try await process.waitForExit(within: .seconds(90))
        let problems = process.events.filter { $0.event == "problem" }.compactMap(\.message)
            .filter { problem in expected.map { !problem.contains($0) } ?? true }
        guard status == .code(0), problems.isEmpty else {
            throw TestFailure("the browser ended with \(status): \(problems)\n\(process.log)")
        }
        return process.events.filter { $0.event == "step" && $0.name == "eval" }.compactMap(\.message)
    }
}
