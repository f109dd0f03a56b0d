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

    @Test func foldersAreSeenAtAGlance() {
        #expect(HouseRule.crowdedFolders(Repository.files.map(\.path)) == [])
        let crowd = (0...HouseRule.mostFilesFlat).map { "Sources/SwarmEngine/Uplink/File\($0).swift" }
        #expect(HouseRule.crowdedFolders(crowd) == ["Sources/SwarmEngine/Uplink: 13 files"])
    }

    /// What has shrunk since may not grow again: the lists say what there is.
    @Test func whatIsLargeIsListedAsItIs() {
        let states = Repository.files.filter(\.isProduct).flatMap(HouseRule.states)
        for (name, count) in HouseRule.largeTypes {
            let counts = states.filter { $0.name == name }.map(\.count)
            #expect(counts == [count] && count > HouseRule.mostStoredProperties, "\(name) has \(counts)")
        }
        let folders = HouseRule.filesByFolder(Repository.files.map(\.path))
        for (folder, count) in HouseRule.largeFolders {
            #expect(folders[folder] == count && count > HouseRule.mostFilesFlat, "\(folder)")
        }
    }

    /// The rules read from the manifest what a target may import, so they have to read it right.
    @Test func theManifestIsRead() throws {
        let targets = PackageManifest.targets(in: try Repository.text("Package.swift"))
        #expect(targets["SwarmEngine"] == ["TorrentCore"])
        #expect(targets["CPosixShims"] == [])
        #expect(targets["TransferReporting"] == ["ByteStrings", "CommandLineKit", "PeerEvents", "TorrentCore"])
        #expect(targets["p2p-peer"]?.count == 9 && targets["HouseRulesTests"] == [])
        // Whatever is allowed beside it is a module of the system.
        #expect(Set(HouseRule.systemModules.keys).isSubset(of: targets.keys))
        #expect(HouseRule.systemModules.values.allSatisfy { $0.isDisjoint(with: targets.keys) })
        // And none that nobody needs.
        for (target, modules) in HouseRule.systemModules {
            let files = Repository.files.filter { $0.isProduct && $0.target == target }
            let imported = Set(
                files.flatMap { $0.code.filter { $0.has("import ") }.compactMap(HouseRule.importedModule) })
            #expect(modules.isSubset(of: imported), "\(target) imports less")
        }
    }

    @Test func thePictureOfTheLayersIsPackageSwift() throws {
        let picture = LayerPicture(in: try Repository.text(LayerPicture.path))
        let products = PackageManifest.products(in: try Repository.text("Package.swift"))
        #expect(products["TorrentCore"] != nil && products["TestSupport"] == nil && products["micro-benchmark"] == nil)
        for difference in picture.differences(from: products) {
            Issue.record("\(LayerPicture.path): \(difference)")
        }
    }

    @Test func aWrongPictureIsFound() {
        let picture = LayerPicture(
            in: "Text <- text\n\n    B <- A\n    D <- B, E\n    C <- A,\n         B\n    E <- A\n\n    F <- A\n")
        #expect(picture.lines.map(\.target) == ["B", "D", "C", "E"])
        let manifest: [String: Set<String>] = [
            "A": [], "B": ["A"], "C": ["A", "D"], "D": ["B", "E"], "F": ["C"], "G": [],
        ]
        #expect(
            picture.differences(from: manifest) == [
                "C depends on D, and its line does not say so",
                "C <- B is drawn, and Package.swift has no such dependency",
                "F has no line: F <- C", "G has no line: G <- ",
                "E has a line, and is no target", "E stands below D, which is built on it",
            ])
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
