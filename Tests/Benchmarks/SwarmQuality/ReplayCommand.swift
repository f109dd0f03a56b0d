import ByteStrings
import SwarmEngine

/// `replay FILE...`: does to a brain of now what recordings of real runs say, and says where something else comes out.
enum ReplayCommand {
    static let usage = """
        swarm-benchmark replay FILE...
        Does to a brain what recordings of real runs say (P2P_RECORD), and says where something else comes out; then it
        exits with 1, and with 5 where a recording cannot be read to its end.
        """

    /// It is held in memory.
    private static let mostBytes = 4 << 30

    /// The exit code: 0 if all came out as it did then, 1 if something did not, 5 for a recording that cannot be read.
    static func run(_ names: some Collection<ByteString>) throws(UsageError) -> Int32 {
        guard !names.isEmpty else { throw UsageError("replay: which recordings?") }
        return names.reduce(0) { code, name in max(code, run(name)) }
    }

    private static func run(_ name: ByteString) -> Int32 {
        do throws(WholeFile.Failure) {
            return try replay(WholeFile.read(name, limit: mostBytes), name)
        } catch {
            say(name, error.text)
            return 5
        }
    }

    private static func replay(_ text: [UInt8], _ name: ByteString) -> Int32 {
        var alike = 0
        do throws(RecordingError) {
            var replay = try Replay(text)
            defer { alike = replay.inputsAlike }
            if let difference = try replay.firstDifference() {
                say(name, "\(difference)")
                return 1
            }
            say(name, "\(replay.inputsAlike) inputs, all as they came out then")
            return 0
        } catch {
            say(name, "\(error), behind \(alike) inputs that came out as they did then")
            return 5
        }
    }

    private static func say(_ name: ByteString, _ what: String) { print("\(name): \(what)") }
}
