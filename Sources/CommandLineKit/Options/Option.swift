/// One option of a command: the source of its parsing, its help, its completion and its line in the manual.
package struct Option: Sendable, Equatable {
    /// Long name, without dashes; with `P2P_` in front, in capitals and underscores, the name of its variable.
    package let name: String
    /// The letter that may stand for it behind one dash; nil if it has none.
    package let short: Character?
    /// What stands for its value in the help; nil for a flag.
    package let valueName: String?
    package let isRepeatable: Bool
    /// Half a sentence for the help, the completion and the manual.
    package let help: String
    /// For help only: what applies if the option is absent.
    package let defaultText: String?
    package let completion: ValueCompletion
    /// False for what makes no sense in the environment or in a file, like `--help`.
    package let isSetting: Bool
    package let isHidden: Bool
    package let group: Group

    /// The heading in the help under which it is listed.
    package enum Group: Sendable, Equatable { case own, common }

    /// A flag unless `valueName` is given; an option of the command's own unless `group` says otherwise.
    package init(
        _ name: String, short: Character? = nil, value valueName: String? = nil, repeatable: Bool = false,
        default defaultText: String? = nil, completion: ValueCompletion = .none, isSetting: Bool = true,
        isHidden: Bool = false, group: Group = .own, help: String
    ) {
        self.name = name
        self.short = short
        self.valueName = valueName
        self.isRepeatable = repeatable
        self.help = help
        self.defaultText = defaultText
        self.completion = completion
        self.isSetting = isSetting
        self.isHidden = isHidden
        self.group = group
    }

    /// The variable that sets it: `P2P_DOWNLOAD_LIMIT`.
    package var environmentName: String {
        "P2P_" + String(name.uppercased().map { $0 == "-" ? "_" : $0 })
    }

    package var isFlag: Bool { valueName == nil }

    /// The same option, accepted but not listed.
    package var hidden: Option {
        Option(
            name, short: short, value: valueName, repeatable: isRepeatable, default: defaultText,
            completion: completion, isSetting: isSetting, isHidden: true, group: group, help: help)
    }

    /// Its value names a file or folder.
    var isPath: Bool {
        switch completion {
        case .file, .fileEnding, .folder: true
        case .none, .words: false
        }
    }
}

/// What a shell offers when the value of an option or argument is to be completed.
package enum ValueCompletion: Sendable, Equatable {
    /// Nothing: what is to be typed cannot be known.
    case none
    /// Files and folders.
    case file
    /// Files whose name ends in this, without the dot.
    case fileEnding(String)
    /// Folders alone.
    case folder
    /// One of these words.
    case words([String])
}
