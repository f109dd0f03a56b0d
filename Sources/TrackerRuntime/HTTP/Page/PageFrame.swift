/// What all pages of a tracker with a catalogue have around them.
struct PageFrame {
    /// Whose address the reader has typed: `http://HOST:PORT`, for what is to be typed elsewhere.
    var origin: String
    /// The way from the page to the tracker's root: empty, or `../`. No link begins at the root of the host, so that a
    /// proxy may put the tracker anywhere.
    var root: String
    /// Seconds since 1970.
    var now: Int64

    enum Place { case list, torrent, missing, figures }

    /// A whole page. `title` is escaped here, `body` is not.
    func html(title: String, at place: Place, body: String) -> String {
        Self.document(
            title: title, root: root, script: "catalogue.js",
            marks: " data-root=\"\(root)\" data-now=\"\(now)\" data-place=\"\(place)\"",
            body: "\(body)\n<p class=\"hidden\" id=\"said\" role=\"status\"></p>")
    }

    /// What a page of the tracker is in the end. `marks` are attributes of all of it, for its script.
    static func document(title: String, root: String, script: String, marks: String = "", body: String) -> String {
        """
        <!doctype html>
        <html lang="en"\(marks)>
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(PageText.escaped(title))</title>
        <link rel="icon" href="data:image/svg+xml,\(icon)">
        <link rel="stylesheet" href="\(root)page.css">
        <script src="\(root)\(script)" defer></script>
        </head>
        <body>
        \(body)
        </body>
        </html>

        """
    }

    /// The way around, on top of each page.
    func navigation(at place: Place) -> String {
        func link(_ target: String, _ words: String, _ isHere: Bool) -> String {
            "<a href=\"\(target)\"\(isHere ? " aria-current=\"page\"" : "")>\(words)</a>"
        }
        return """
            <header class="top">
            <p class="brand"><span class="dot"></span>p2p-tracker</p>
            <nav aria-label="Pages">\(link(root.isEmpty ? "./" : root, "Torrents", place == .list))\
            \(link(root + "status", "Status", place == .figures))</nav>
            </header>
            """
    }

    /// What fetches the torrent of a number, or of what else stands in its place.
    func getLine(_ number: String) -> String { "p2p-peer get \(origin) \(number)" }

    /// A command to be typed, and a button that copies it where scripts run.
    static func command(_ words: String, label: String) -> String {
        """
        <p class="command"><code>\(PageText.escaped(words))</code>\
        <button type="button" class="copy" data-copy="\(PageText.escaped(words))" \
        aria-label="\(PageText.escaped(label))" hidden>Copy</button></p>
        """
    }

    /// The header lines of these pages: nothing runs, is fetched or looks but what is ours, whatever a torrent is
    /// called, and the script can make no element of text (Trusted Types).
    static let fields: StaticString = """
        Content-Type: text/html; charset=utf-8\r
        Content-Security-Policy: default-src 'none'; style-src 'self'; img-src data:; script-src 'self'; \
        connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
        require-trusted-types-for 'script'; trusted-types 'none'\r
        X-Content-Type-Options: nosniff\r
        Referrer-Policy: no-referrer\r
        Cache-Control: no-store\r\n
        """

    /// Where the script says that the tracker does not answer.
    static let trouble = "<p class=\"trouble\" id=\"trouble\" role=\"alert\"></p>"

    private static let icon =
        "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
        + "%3Ccircle cx='8' cy='8' r='6' fill='%2312a594'/%3E%3C/svg%3E"
}
