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

/// What a manifest says about packages of others.
enum PackageManifest {
    /// The lines that name one.
    static func dependencies(in manifest: String) -> [String] {
        SourceFile(path: "Package.swift", text: manifest).code
            .filter { $0.contains(".package(") || $0.contains(".product(") || $0.contains(".binaryTarget(") }
    }
}
