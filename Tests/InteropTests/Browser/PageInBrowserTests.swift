import TestSupport
import Testing

extension Interop {
    /// What people see of a tracker, in the browser that most of them have.
    @Suite("The tracker's page in Chromium", .serialized)
    struct PageInBrowserTests {
        static let windows = [Browser.Window.narrow, .wide]

        /// Nothing sticks out at the side, and nothing came of any name but text.
        private static let sound = """
            eval:document.documentElement.scrollWidth <= innerWidth && window.hacked === undefined \
            && !document.querySelector("img, iframe, main script, [onerror], [onmouseover], main b b, li b")
            """
        private static let count = "eval:document.querySelectorAll('#rows tr').length"

        private static func visible(_ ids: String...) -> String {
            let list = ids.map { "'\($0)'" }.joined(separator: ",")
            let expression = "[\(list)].every((id) => document.getElementById(id).getClientRects().length)"
            return "eval:\(expression)"
        }

        @Test(
            "It is whole with no torrents, with three and with three hundred", .timeLimit(.minutes(3)),
            arguments: windows, [0, 3, 300])
        func whole(window: Browser.Window, torrents: Int) async throws {
            try Browser.require()
            try await withStage { stage in
                let tracker = try await OfferingTracker(stage, torrents: torrents)
                let steps = [
                    "open:\(tracker.url)/", Self.sound, Self.count,
                    torrents == 0 ? Self.visible("empty") : Self.visible("list", "find", "how", "rows"),
                    "open:\(tracker.url)/status", Self.sound,
                ]
                let seen = try await Browser.run(stage, window, steps)
                #expect(seen == ["true", "\(min(torrents, 50))", "true", "true"])
            }
        }

        @Test("A torrent's own page is whole", .timeLimit(.minutes(2)), arguments: windows)
        func torrentPage(window: Browser.Window) async throws {
            try Browser.require()
            try await withStage { stage in
                let tracker = try await OfferingTracker(stage, torrents: 8)
                var steps: [String] = []
                for hash in tracker.infoHashes {
                    steps += ["open:\(tracker.url)/torrents/\(hash)", Self.sound]
                }
                steps += ["eval:document.querySelector('h1').innerText", "eval:'now'"]
                let seeders = "document.getElementById('seeders').innerText"
                steps += ["wait:\(seeders) === '1'", "eval:document.getElementById('seeds').innerText"]
                let browser = try Browser(stage, window, steps)
                try await browser.wait(for: "now")
                try tracker.seed(8, as: "%3Cimg%20src=x%3E")
                let seen = try await browser.finish()
                #expect(seen.dropLast(3) == Array(repeating: "true", count: 8)[...])
                #expect(seen.suffix(3) == ["plain lecture 8", "now", "<img src=x>"])
            }
        }

        @Test(
            "It searches and sorts in place, turns its pages, and its numbers are those of now",
            .timeLimit(.minutes(3)), arguments: windows)
        func lives(window: Browser.Window) async throws {
            try Browser.require()
            try await withStage { stage in
                var tracker = try await OfferingTracker(stage, torrents: 120)
                let first = "document.querySelector('#rows .name')?.innerText"
                let type = """
                    eval:{ const q = document.querySelector('[name=q]'); q.value = WORDS; \
                    q.dispatchEvent(new Event('input', { bubbles: true })); null }
                    """
                // Where there is no head of a table, there is a list of orders.
                let sort =
                    window.width > 1_000
                    ? "eval:document.querySelector('th.size button').click()"
                    : """
                    eval:{ const order = document.getElementById('order'); order.value = 'size'; \
                    order.dispatchEvent(new Event('change', { bubbles: true })); null }
                    """
                let steps = [
                    "open:\(tracker.url)/", "eval:window.here = 1",
                    type.replacing("WORDS", with: "'lecture 77'"), "wait:\(first) === 'plain lecture 77'", Self.count,
                    type.replacing("WORDS", with: "'nobody has this'"),
                    "wait:document.getElementById('nothing').getClientRects().length", Self.count,
                    type.replacing("WORDS", with: "''"), "wait:\(first) === 'plain lecture 120'",
                    "eval:document.getElementById('next').click()", "wait:\(first) === 'plain lecture 70'",
                    sort, "wait:\(first) === 'plain lecture 120'",
                    "eval:location.search", Self.sound, "eval:'now'",
                    "wait:document.querySelector('#rows [data-field=seeders]').innerText === '1'",
                    "eval:document.querySelector('#rows [data-field=from]').innerText",
                    // Nothing moves away from under whoever stands on a row, until that is asked for.
                    "eval:document.querySelector('#rows .name').focus()", "eval:'more'",
                    "wait:document.getElementById('count').innerText.endsWith('121 torrents')", "eval:\(first)",
                    "eval:document.getElementById('fresh').click()", "wait:\(first) === 'one more'", Self.sound,
                    "eval:window.here",
                ]
                let browser = try Browser(stage, window, steps)
                try await browser.wait(for: "now")
                try tracker.seed(120, as: "ana")
                try await browser.wait(for: "more")
                try tracker.publish("one more", bytes: 90_000)
                let seen = try await browser.finish()
                let expected = [
                    "1", "1", "0", "?sort=size", "true", "now", "from ana", "more", "plain lecture 120", "true",
                    "1",
                ]
                #expect(seen.filter { $0 != "null" } == expected)
            }
        }

        @Test("Without scripts it is a form and its links", .timeLimit(.minutes(2)), arguments: windows)
        func withoutScripts(window: Browser.Window) async throws {
            try Browser.require()
            try await withStage { stage in
                var still = window
                still.runsScripts = false
                let tracker = try await OfferingTracker(stage, torrents: 120)
                let first = "eval:document.querySelector('#rows .name').innerText"
                let seen = try await Browser.run(
                    stage, still,
                    [
                        "open:\(tracker.url)/?q=plain&sort=name&sort=-number&offset=50", Self.sound, first, Self.count,
                        "eval:document.querySelectorAll('.copy:not([hidden])').length",
                        "eval:document.getElementById('back').getAttribute('href')",
                    ])
                #expect(seen.prefix(4) == ["true", "plain lecture 58", "50", "0"])
                #expect(seen.last?.contains("offset=0") == true && seen.last?.contains("q=plain") == true)
            }
        }

        @Test("It is used with the keyboard alone, and says when the tracker has gone", .timeLimit(.minutes(2)))
        func keyboardAndEnd() async throws {
            try Browser.require()
            try await withStage { stage in
                let tracker = try await OfferingTracker(stage, torrents: 3)
                var steps = ["open:\(tracker.url)/"]
                for _ in 0..<12 {
                    steps += [
                        "key:Tab",
                        "eval:getComputedStyle(document.activeElement).outlineStyle !== 'none' && "
                            + "(document.activeElement.innerText || document.activeElement.labels.length) !== ''",
                    ]
                }
                steps += [
                    "open:\(tracker.url)/", "eval:document.querySelector('th.name button').focus()", "key:Enter",
                    "wait:document.querySelector('th.name').ariaSort === 'ascending'", "eval:'now'",
                    "wait:document.getElementById('trouble').innerText.includes('does not answer')",
                ]
                let browser = try Browser(stage, .wide, steps)
                try await browser.wait(for: "now")
                tracker.process.kill()
                // The browser itself says in its console that nobody answers.
                let seen = try await browser.finish(expecting: "ERR_CONNECTION_REFUSED")
                #expect(seen.filter { $0 != "null" } == Array(repeating: "true", count: 12) + ["now"])
            }
        }
    }
}
