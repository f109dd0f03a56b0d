/// The options that every command has.
package enum CommonOptions {
    package static let json = Option(
        "json", group: .common, help: "print one JSON object a line on stdout, for scripts")
    package static let quiet = Option("quiet", short: "q", group: .common, help: "print errors only")
    package static let verbose = Option(
        "verbose", short: "v", repeatable: true, group: .common, help: "say more; twice says most")
    package static let noColor = Option(
        "no-color", group: .common, help: "no colours (the variable NO_COLOR does the same)")
    package static let help = Option(
        "help", short: "h", isSetting: false, group: .common, help: "print this help and exit")
    package static let version = Option(
        "version", short: "V", isSetting: false, group: .common, help: "print the version and exit")

    /// In the order in which the help lists them.
    package static let all = [json, quiet, verbose, noColor, help, version]
}
