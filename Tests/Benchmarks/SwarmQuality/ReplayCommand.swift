import Glibc
import SwarmEngine

/// `replay FILE...`: does to a brain of now what recordings of real runs say, and says where something else comes out.
enum ReplayCommand {
    static let usage = """
        swarm-benchmark replay FILE...
        Does to a brain what recordings of real runs say (P2P_RECORD), and says where something else comes out; then it
        exits with 1.
        """

    /// The exit code: 0 if all came out as it did then, 1 if something did not, 2 without a file, 5 for one that cannot
    /// be read.
    static func run(_ names: some Collection<String>) -> Int32 {
        guard !names.isEmpty else {
            print(usage)
            return 2
        }
        return names.reduce(0) { code, name in max(code, run(name)) }
    }

    private static func run(_ name: String) -> Int32 {
        guard let text = contents(of: name) else { return fail(name, "cannot be read") }
        do {
            var replay = try Replay(text)
            if let difference = try replay.firstDifference() {
                print("\(name): \(difference)")
                return 1
            }
            print("\(name): \(replay.inputsAlike) inputs, all as they came out then")
            return 0
        } catch {
            return fail(name, "\(error)")
        }
    }

    private static func fail(_ name: String, _ why: String) -> Int32 {
        print("\(name): \(why)")
        return 5
    }

    private static func contents(of name: String) -> [UInt8]? {
        guard let file = fopen(name, "rb") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 20)
        while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part[..<count] }
        return ferror(file) == 0 ? bytes : nil
    }
}
