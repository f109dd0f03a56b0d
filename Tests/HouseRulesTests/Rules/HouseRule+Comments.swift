extension HouseRule {
    /// Whatever other targets see, and each case of an enum that they see, has a comment, or says all by its name.
    /// Types always have one.
    static let documented = HouseRule(name: "what other targets see has a doc comment") { file in
        guard file.isProduct, file.isSwift, file.text.first(of: ["public ", "package "]) != nil else { return [] }
        let declarations = Declaration.visible(in: file)
        let plain = PlainNames(declarations, in: file)
        return declarations.compactMap { declaration in
            guard !isDocumented(declaration.line, in: file), !plain.say(declaration) else { return nil }
            return Violation(line: declaration.line + 1, what: "\(declaration.name) has no doc comment")
        }
    }

    /// Attributes, and comments that are not for the documentation, may stand between.
    private static func isDocumented(_ line: Int, in file: SourceFile) -> Bool {
        var above = line - 1
        while above >= 0, isPassedOver(file.lines[above].drop { $0 == " " }) { above -= 1 }
        return above >= 0 && file.lines[above].drop { $0 == " " }.hasPrefix("///")
    }

    private static func isPassedOver(_ line: Substring) -> Bool {
        line.hasPrefix("@") || line.hasPrefix("//") && !line.hasPrefix("///")
    }
}
