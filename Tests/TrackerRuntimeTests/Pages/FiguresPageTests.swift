import Foundation
import Testing
import TorrentCore
import TrackerRuntime

/// The page of figures, which is the only one without a catalogue.
@Suite struct FiguresPageTests {
    /// The colours of one scheme, by the names that the style gives them.
    typealias Scheme = [String: Colour]

    struct Colour {
        let red, green, blue: Double

        /// Of `#rrggbb`.
        init?(_ text: Substring) {
            guard text.count == 7, text.first == "#", let number = UInt32(text.dropFirst(), radix: 16) else {
                return nil
            }
            (red, green, blue) = (Double(number >> 16), Double(number >> 8 & 255), Double(number & 255))
        }

        /// As WCAG 2 has it.
        private var luminance: Double {
            let linear = [red, green, blue].map { part in
                part / 255 <= 0.04045 ? part / 255 / 12.92 : pow((part / 255 + 0.055) / 1.055, 2.4)
            }
            return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        }

        func contrast(to other: Colour) -> Double {
            (max(luminance, other.luminance) + 0.05) / (min(luminance, other.luminance) + 0.05)
        }
    }

    /// The light scheme and the dark one.
    static func schemes(_ style: String) throws -> [Scheme] {
        try style.matches(of: #/:root\{(.*?)\}/#).map { match in
            var scheme: Scheme = [:]
            for pair in match.1.split(separator: ";") {
                let parts = pair.split(separator: ":")
                if parts.count == 2, let colour = Colour(parts[1]) { scheme[String(parts[0].dropFirst(2))] = colour }
            }
            try #require(scheme["bg"] != nil && scheme["panel"] != nil)
            return scheme
        }
    }

    @Test func `every text stands out from whatever is behind it, in light and in dark`() throws {
        let fixture = try TrackerFixture()
        #expect(try fixture.fetch("/status").body.contains("<link rel=\"stylesheet\" href=\"page.css\">"))
        let style = try fixture.fetch("/page.css").body
        let schemes = try Self.schemes(style)
        #expect(schemes.count == 2)
        let texts = Set(style.matches(of: #/[;{]color:var\(--([a-z]+)\)/#).map { String($0.1) })
        #expect(texts == ["text", "quiet", "seed", "leech"])
        let backgrounds = Set(style.matches(of: #/background:var\(--([a-z]+)\)/#).map { String($0.1) })
        // The others lie under no text: bars and a dot.
        #expect(backgrounds == ["bg", "panel", "soft", "seed", "leech", "line"])
        for scheme in schemes {
            for text in texts {
                for background in ["bg", "panel", "soft"] {
                    let (above, below) = (try #require(scheme[text]), try #require(scheme[background]))
                    let contrast = above.contrast(to: below)
                    #expect(contrast >= 4.5, "\(text) on \(background): \(contrast)")
                }
            }
            // Drawings, by their surroundings and by each other.
            for drawing in ["seed", "leech"] {
                #expect(try #require(scheme[drawing]).contrast(to: try #require(scheme["panel"])) >= 3)
            }
        }
        let faded = style.replacing("opacity:1", with: "").contains(#/[;{]opacity:/#)
        #expect(!faded, "what is paler has a colour of its own, which is looked at above")
        let black = try #require(Colour("#000000"))
        #expect(abs(black.contrast(to: try #require(Colour("#ffffff"))) - 21) < 0.001)
        #expect(abs(black.contrast(to: try #require(Colour("#777777"))) - 4.69) < 0.01)
    }

    @Test func `it stays where it is, and its script is fetched from here alone`() throws {
        let fixture = try TrackerFixture()
        let socket = try BlockingSocket(connectingTo: fixture.endpoint)
        try socket.send(TrackerFixture.get("/status", "Connection: close\r\n"))
        let answer = try #require(socket.receiveToEnd())
        #expect(!answer.contains("http-equiv"))
        #expect(answer.contains("default-src 'none';") && answer.contains("script-src 'self';"))
        #expect(!answer.contains("unsafe-") && !answer.contains(" style=") && !answer.contains("<style"))
        #expect(answer.matches(of: #/<script/#).count == 1)
        #expect(answer.contains("<script src=\"page.js\" defer></script>"))
        let script = try fixture.fetch("/page.js")
        #expect(try fixture.fetch("/status").body.hasPrefix("<!doctype html>"))
        #expect(script.status == 200 && script.body.hasPrefix("\"use strict\";"))
        // What the script looks for is there.
        for part in ["uptime", "figures", "traffic", "torrents", "note"] {
            #expect(answer.contains("id=\"\(part)\"") && script.body.contains("\"\(part)\""), "\(part)")
        }
    }

    @Test func `a torrent has its hash, its numbers with words, and its name as text`() throws {
        let fixture = try TrackerFixture()
        for torrent: UInt64 in 1...130 {
            for port in 1...(torrent == 7 ? 3 : 1) {
                _ = try fixture.announce(
                    TrackerFixture.announce(port: UInt16(port), left: port == 1 ? 0 : 1, torrent: torrent))
            }
        }
        let request = TrackerFixture.announce(port: 1, torrent: 7)
        let name = "\"><img src=x onerror='alert(1)'>&amp;\u{202E}gpj\u{1B}[2J" + String(repeating: "x", count: 300)
        fixture.server.register(name: name, for: request.infoHash)
        let page = try fixture.fetch("/status").body
        #expect(page.contains("<code>\(request.infoHash.hex)</code>"))
        let escaped = "&quot;&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;amp;"
        #expect(page.contains("title=\"\(escaped)") && page.contains("\">\(escaped)"))
        #expect(!page.contains("<img") && !page.unicodeScalars.contains("\u{1B}"))
        #expect(!page.unicodeScalars.contains("\u{202E}"), "nothing turns what stands around it")
        #expect(page.contains(">1<span class=\"unit\"> seeder</span>"))
        #expect(page.contains(">2<span class=\"unit\"> leechers</span>"))
        #expect(page.contains("and 30 smaller ones"))
        fixture.server.register(name: nil, for: request.infoHash)
        #expect(try !fixture.fetch("/status").body.contains("<bdi"))
    }
}
