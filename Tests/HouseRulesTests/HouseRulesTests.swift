import Testing

@Suite struct HouseRulesTests {
    @Test(arguments: HouseRule.all)
    func everyFileKeeps(_ rule: HouseRule) {
        #expect(Repository.files.count > 50, "the working copy was not found")
        for file in Repository.files {
            for violation in rule.check(file) {
                Issue.record("\(file.path):\(violation.line): \(violation.what)")
            }
        }
    }

    @Test func foldersOfTheBrainAreSeenAtAGlance() {
        #expect(HouseRule.crowdedFolders(Repository.files.map(\.path)) == [])
        let crowd = (0...HouseRule.mostFilesFlat).map { "Sources/SwarmEngine/Uplink/File\($0).swift" }
        #expect(HouseRule.crowdedFolders(crowd) == ["Sources/SwarmEngine/Uplink: 13 files"])
    }

    /// The rules read from the manifest what a target may import, so they have to read it right.
    @Test func theManifestIsRead() throws {
        let targets = PackageManifest.targets(in: try Repository.text("Package.swift"))
        #expect(targets["SwarmEngine"] == ["TorrentCore"])
        #expect(targets["CPosixShims"] == [])
        #expect(targets["TransferReporting"] == ["ByteStrings", "CommandLineKit", "PeerEvents", "TorrentCore"])
        #expect(targets["p2p-peer"]?.count == 8 && targets["HouseRulesTests"] == [])
        // Whatever is allowed beside it is a module of the system.
        #expect(Set(HouseRule.systemModules.keys).isSubset(of: targets.keys))
        #expect(HouseRule.systemModules.values.allSatisfy { $0.isDisjoint(with: targets.keys) })
    }

    @Test func packageNamesNoDependency() throws {
        let manifest = try Repository.text("Package.swift")
        #expect(PackageManifest.dependencies(in: manifest) == [])
    }

    @Test func aDependencyWouldBeFound() {
        let manifest = """
            let package = Package(
                // .package(url: "https://example.org/comment", from: "1.0.0")
                dependencies: [.package(url: "https://example.org/x", from: "1.0.0")],
                targets: [.target(name: "A", dependencies: [.product(name: "X", package: "x")])])
            """
        #expect(PackageManifest.dependencies(in: manifest).count == 2)
    }
}

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

    /// The lines that name one.
    static func dependencies(in manifest: String) -> [String] {
        SourceFile(path: "Package.swift", text: manifest).code
            .filter { $0.contains(".package(") || $0.contains(".product(") || $0.contains(".binaryTarget(") }
    }
}
