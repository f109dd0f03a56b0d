import CommandLineKit
import Testing

@Suite struct ValueParserTests {
    @Test(
        arguments: [
            ("0", 0), ("500", 500), ("500K", 512_000), ("500k", 512_000), ("2M", 2 << 20), ("1GiB", 1 << 30),
            ("1.5MB", 3 << 19), ("16 KiB", 16_384), ("1T", 1 << 40), ("7B", 7),
        ] as [(String, Int64)])
    func readsSizes(_ text: String, _ bytes: Int64) {
        #expect(ValueParser<Int64>.size.parse(text) == bytes)
    }

    @Test(arguments: ["", "K", "-1", "1X", "1KK", "0x10", "1e3", "inf", "nan", ".5", "1.2.3", "9999999P", "8Mbit", "٣"])
    func refusesWhatIsNoSize(_ text: String) {
        #expect(ValueParser<Int64>.size.parse(text) == nil)
    }

    @Test(
        arguments: [
            ("500K", 512_000), ("2M", 2 << 20), ("8Mbit", 1_000_000), ("100kbps", 12_500), ("2MiB/s", 2 << 20),
            ("0", 0),
        ] as [(String, Int64)])
    func readsRates(_ text: String, _ bytes: Int64) {
        #expect(ValueParser<Int64>.rate.parse(text) == bytes)
    }

    @Test(
        arguments: [
            ("90", .seconds(5_400)), ("90s", .seconds(90)), ("10m", .seconds(600)), ("1.5h", .seconds(5_400)),
            ("1d", .seconds(86_400)),
        ] as [(String, Duration)])
    func readsDurationsInMinutes(_ text: String, _ duration: Duration) {
        #expect(ValueParser<Duration>.duration(unit: .seconds(60)).parse(text) == duration)
    }

    @Test(arguments: ["", "h", "-1", "1w", "1e9h", "99999999999999999999"])
    func refusesWhatIsNoDuration(_ text: String) {
        #expect(ValueParser<Duration>.duration(unit: .seconds(1)).parse(text) == nil)
    }

    @Test(
        arguments: [
            ("6881", nil, 6_881), (":6881", nil, 6_881), ("127.0.0.1:80", "127.0.0.1", 80), ("[::1]:0", "::1", 0),
            ("host.example:1", "host.example", 1),
        ] as [(String, String?, UInt16)])
    func readsPlacesToListen(_ text: String, _ host: String?, _ port: UInt16) {
        #expect(ValueParser<HostPort>.listen.parse(text) == HostPort(host: host, port: port))
    }

    @Test(arguments: [
        "", ":", "::1", "::1:80", "host", "65536", "a:b", "a:-1", "a:+1", "[]:1", "[a]:1", "a b:1", "http://a:1",
        "a:\u{301}b:1",
    ])
    func refusesWhatIsNoPlace(_ text: String) {
        #expect(ValueParser<HostPort>.listen.parse(text) == nil)
    }

    @Test func aPeerNeedsHostAndPort() {
        #expect(ValueParser<HostPort>.hostAndPort.parse("10.0.0.1:6881") != nil)
        #expect(ValueParser<HostPort>.hostAndPort.parse("6881") == nil)
        #expect(ValueParser<HostPort>.hostAndPort.parse("10.0.0.1:0") == nil)
    }

    @Test func readsRatiosAndPortsAndNumbers() {
        #expect(ValueParser<Double>.ratio.parse("1.5") == 1.5)
        #expect(ValueParser<Double>.ratio.parse("-1") == nil)
        #expect(ValueParser<Double>.ratio.parse("inf") == nil)
        #expect(ValueParser<UInt16>.port.parse("65535") == 65_535)
        #expect(ValueParser<UInt16>.port.parse("65536") == nil)
        #expect(ValueParser<Int>.integer(1...8).parse("8") == 8)
        #expect(ValueParser<Int>.integer(1...8).parse("9") == nil)
    }

    @Test(arguments: ["http://a/announce", "udp://a:80", "HTTP://a"])
    func readsURLs(_ text: String) {
        #expect(ValueParser<String>.url(schemes: ["http", "udp"]).parse(text) == text)
    }

    @Test(arguments: ["", "a", "ftp://a", "http://", "http:///x", "http://a b", "http://a\u{1B}[2J", "://a"])
    func refusesWhatIsNoURL(_ text: String) {
        #expect(ValueParser<String>.url(schemes: ["http", "udp"]).parse(text) == nil)
    }
}
