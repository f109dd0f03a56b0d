import ByteStrings
import CommandLineKit
import TestSupport
import Testing

/// The token as the tracker and whoever publishes read it.
@Suite struct PublishTokenTests {
    @Test(
        arguments: [
            ("open-sesame\n", "open-sesame"), ("open-sesame\r\n\n", "open-sesame"), ("12345678", "12345678"),
            (String(repeating: "x", count: 1_024) + "\n", String(repeating: "x", count: 1_024)), ("short\n", nil),
            ("", nil), ("two words\n", nil), ("open\nsesame\n", nil), (" open-sesame", nil), ("geöffnet!", nil),
            (String(repeating: "x", count: 1_025), nil),
        ] as [(String, String?)])
    func `one line of a file, or of a variable`(text: String, token: String?) throws {
        let folder = try TemporaryFolder()
        try folder.write("token", Array(text.utf8))
        let path = ByteString(folder.path("token"))
        let output = OutputProbe().output()
        func read(_ file: ByteString?, or value: ByteString?) throws -> String? {
            try PublishToken.read(file, or: value, output)
        }
        let variable = ByteString(Array(text.utf8))
        if let token {
            #expect(try read(path, or: "of-no-interest") == token && read(nil, or: variable) == token)
        } else {
            #expect(throws: CommandError.self) { try read(path, or: "of-no-interest") }
            // A variable that is empty is none.
            if !text.isEmpty { #expect(throws: CommandError.self) { try read(nil, or: variable) } }
        }
    }

    @Test func `there may be none, and a file that is not there is said to be missing`() throws {
        let output = OutputProbe().output()
        #expect(try PublishToken.read(nil, or: nil, output) == nil)
        #expect { try PublishToken.read("/no/such/file", or: nil, output) } throws: { error in
            (error as? CommandError)?.exitCode == .notFound
        }
    }
}
