/// What all pages of the tracker have around them.
enum PageFrame {
    static let icon =
        "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
        + "%3Ccircle cx='8' cy='8' r='6' fill='%2312a594'/%3E%3C/svg%3E"
}
