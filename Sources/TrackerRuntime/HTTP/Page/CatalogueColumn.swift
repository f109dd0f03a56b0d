/// A column of the list.
struct CatalogueColumn {
    /// As `GET /torrents` calls it.
    let key: String
    let title: String
    /// The order that is asked for first, and the other one: as `GET /torrents` calls them, and in words.
    var orders: [Order] = []

    struct Order {
        let key: String
        let words: String
        /// From the largest down, or from the last letter.
        let descends: Bool
    }

    /// Sorted by its numbers: the largest come first.
    private static func number(_ key: String, _ title: String, _ first: String, _ second: String) -> CatalogueColumn {
        CatalogueColumn(
            key: key, title: title,
            orders: [
                Order(key: key, words: first, descends: true), Order(key: "-" + key, words: second, descends: false),
            ])
    }

    static let ahead = [
        number("number", "No.", "Newest first", "Oldest first"),
        CatalogueColumn(
            key: "name", title: "Name",
            orders: [
                Order(key: "name", words: "Name, A to Z", descends: false),
                Order(key: "-name", words: "Name, Z to A", descends: true),
            ]),
    ]

    /// Those behind the name.
    static let counted = [
        number("size", "Size", "Largest first", "Smallest first"),
        CatalogueColumn(key: "files", title: "Files"),
        number("seeders", "Seeders", "Most seeders", "Fewest seeders"),
        number("leechers", "Leechers", "Most leechers", "Fewest leechers"),
        number("downloads", "Downloads", "Most downloads", "Fewest downloads"),
        CatalogueColumn(
            key: "age", title: "Age",
            orders: [
                Order(key: "age", words: "Lately published", descends: false),
                Order(key: "-age", words: "Published long ago", descends: true),
            ]),
    ]
}
