/// What a manifest says about targets, and about packages of others.
enum PackageManifest {
    /// Each target of the manifest with the targets that it depends on.
    static func targets(in manifest: String) -> [String: Set<String>] {
        var targets: [String: Set<String>] = [:]
        for declaration in manifest.split(separator: /\.(?:target|executableTarget|testTarget)\(/).dropFirst() {
            guard let name = declaration.firstMatch(of: /name: "([^"]+)"/) else { continue }
            let list = declaration.firstMatch(of: /dependencies: \[([^\]]*)\]/)?.output.1 ?? ""
            targets[String(name.output.1)] = Set(list.matches(of: /"([^"]+)"/).map { String($0.output.1) })
        }
        return targets
    }

    /// The libraries and programs among them: what lies under `Sources`.
    static func products(in manifest: String) -> [String: Set<String>] {
        let others = manifest.split(separator: /\.(?=(?:target|executableTarget|testTarget)\()/).dropFirst().filter {
            $0.hasPrefix("testTarget") || $0.contains(/path: "Tests\//)
        }
        let names = Set(others.compactMap { $0.firstMatch(of: /name: "([^"]+)"/).map { String($0.output.1) } })
        return targets(in: manifest).filter { !names.contains($0.key) }
    }

    /// The lines that name one.
    static func dependencies(in manifest: String) -> [String] {
        SourceFile(path: "Package.swift", text: manifest).code
            .filter { $0.contains(".package(") || $0.contains(".product(") || $0.contains(".binaryTarget(") }
    }
}
