import Glibc
import TestSupport
import Testing

@testable import CommandLineKit

/// An output that never waits, on a pipe that is read late or not at all.
@Suite struct LineQueueTests {
    /// A pipe whose reading end never waits.
    private final class Pipe: Sendable {
        let reading: Int32
        let writing: Int32

        init() throws {
            var ends: [Int32] = [0, 0]
            try #require(pipe(&ends) == 0)
            (reading, writing) = (ends[0], ends[1])
            _ = fcntl(reading, F_SETFL, O_NONBLOCK)
        }

        // The writing end stays: a thread may be at it still.
        deinit { close(reading) }

        func output(isJSON: Bool = false) -> Output {
            let stream = Terminal(descriptor: writing, noColor: true, environment: [:])
            return Output(isJSON: isJSON, standardOutput: stream, standardError: stream)
        }

        /// What has come so far.
        func read() -> String {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = Glibc.read(reading, &buffer, buffer.count)
                guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
                bytes += buffer[..<count]
            }
        }
    }

    @Test(arguments: [true, false])
    func saysHowManyLinesAreMissingWhereTheyAre(isJSON: Bool) throws {
        let pipe = try Pipe()
        let output = pipe.output(isJSON: isJSON)
        output.neverWait()
        let padding = String(repeating: "x", count: 1_000)
        for number in 0..<2_000 { output.event(["n": .integer(Int64(number)), "padding": .string(padding)]) }
        // Reading makes room, in which the notice comes by itself.
        var text = ""
        let deadline = ContinuousClock.now + .seconds(20)
        while !text.contains("dropped") || text.last != "\n", ContinuousClock.now < deadline {
            text += pipe.read()
            usleep(1_000)
        }
        let lines = text.split(separator: "\n")
        let numbers = lines.compactMap { $0.wholeMatch(of: #/."n":(\d+),.*/#).flatMap { Int($0.1) } }
        // Between what a pipe and the queue hold, and both with their overhead.
        #expect((950...1_200).contains(numbers.count))
        #expect(numbers == Array(0..<numbers.count))
        let lost = 2_000 - numbers.count
        let (object, words) = ("{\"event\":\"dropped\",\"lines\":\(lost)}", "(\(lost) lines dropped here)")
        #expect(lines.last.map(String.init) == (isJSON ? object : words))
        output.result("the next")
        try waitUntilWritten(output.standardOutput)
        #expect(output.finish(.success, program: "tool") == .success)
        #expect(pipe.read() == "the next\n")
    }

    /// However close to the end of a write it comes: a frame that waits for room is drawn.
    @Test func whoAsksForRoomIsTold() throws {
        let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
        try #require(nowhere >= 0)
        let monitor = Monitor()
        let answers = Recorder<Void>()
        let queue = LineQueue {
            answers.add(())
            monitor.withLock { monitor.wake() }
        }
        var questions = 0
        for number in 0..<20_000 {
            #expect(queue.put([0x61], lines: 1, to: nowhere) == true)
            for _ in 0..<number % 100 { _ = queue.takeLost() }
            guard !queue.isIdleOrTells() else { continue }
            questions += 1
            let deadline = Monitor.now() + 10_000_000_000
            monitor.withLock {
                while answers.all.count < questions, Monitor.now() < deadline { monitor.wait(until: deadline) }
            }
            try #require(answers.all.count == questions, "after \(number) lines")
        }
    }

    @Test func bothStreamsOfOneFileKeepTheirOrder() throws {
        let pipe = try Pipe()
        let output = pipe.output()
        output.neverWait()
        for number in 0..<500 {
            output.result("\(number)")
            output.message("\(number)")
        }
        try waitUntilWritten(output.standardOutput)
        #expect(output.finish(.success, program: "tool") == .success)
        #expect(pipe.read().split(separator: "\n").map(String.init) == (0..<500).flatMap { ["\($0)", "\($0)"] })
    }

    /// As a named pipe has it whose reader comes back: each line is tried, and what was lost is counted.
    @Test func aStreamThatFailsIsTriedAgain() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("pipe")
        try #require(mkfifo(path, 0o600) == 0)
        signal(SIGPIPE, SIG_IGN)
        let first = open(path, O_RDONLY | O_NONBLOCK)
        let stream = Terminal(descriptor: open(path, O_WRONLY), noColor: true, environment: [:])
        let output = Output(standardOutput: stream, standardError: stream)
        output.neverWait()
        close(first)
        for _ in 0..<3 { output.message("unheard") }
        try waitUntilWritten(stream)
        let second = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(second) }
        output.message("heard")
        try waitUntilWritten(stream)
        var buffer = [UInt8](repeating: 0, count: 1_000)
        let count = read(second, &buffer, buffer.count)
        let text = String(decoding: buffer[..<max(0, count)], as: UTF8.self)
        #expect(text == "(3 lines dropped here)\nheard\n")
    }

    /// Nothing else may happen that would have it drawn again.
    @Test func aFrameThatFoundNoRoomIsDrawnWhenThereIsSome() throws {
        let pipe = try Pipe()
        let output = pipe.output()
        output.neverWait()
        output.draw(["first"], on: output.standardOutput)
        // More than the pipe holds.
        let line = TerminalText(String(repeating: "x", count: 1_000))
        for _ in 0..<200 { output.message(line) }
        output.draw(["second"], on: output.standardOutput)
        output.draw(["third"], on: output.standardOutput)
        var text = ""
        let deadline = ContinuousClock.now + .seconds(20)
        while !text.contains("third"), ContinuousClock.now < deadline {
            text += pipe.read()
            usleep(1_000)
        }
        #expect(text.contains("third") && !text.contains("second"))
    }

    /// Without the patience that `finish` has: the machine may be busy with other things.
    private func waitUntilWritten(_ stream: Terminal) throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while !stream.sink.hasRoom {
            try #require(ContinuousClock.now < deadline)
            usleep(1_000)
        }
    }

    @Test(.timeLimit(.minutes(1))) func nobodyWaitsAtTheEndForAReaderAtAStandstill() throws {
        let pipe = try Pipe()
        let output = pipe.output()
        output.neverWait()
        let line = TerminalText(String(repeating: "x", count: 1_000))
        for _ in 0..<200 { output.message(line) }
        #expect(output.finish(.unfinished, program: "tool") == .unfinished)
    }
}
