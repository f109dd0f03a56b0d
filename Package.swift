// swift-tools-version: 6.2
import PackageDescription

/// Tests/Fuzzers/run sets this: everything then has libFuzzer's counters, and there is a program that uses them.
let isFuzzing = Context.environment["P2P_FUZZERS"] != nil
let counters: [SwiftSetting] = isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer"])] : []

/// What every Swift target here agrees on.
let house: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
        // Debug builds, which run the tests, check exclusive access as the program runs; it costs 5 % of a transfer.
        .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
    ] + counters

/// The pure targets also say aloud where they leave memory safety.
let pure: [SwiftSetting] = house + [.strictMemorySafety()]

/// The programs of a release build carry the runtimes of Swift and C++ within: they start in two thirds of the time, and
/// on any Linux with glibc 2.34. A test target must not depend on one of them, or would be linked so too, which Swift
/// Testing cannot be. The linker is the toolchain's own: that of some systems knows no scripts for libraries.
let programs: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-static-stdlib", "-use-ld=lld", "-L\(Context.packageDirectory)/Sources/CPosixShims/linking",
            "-Xclang-linker", "-static-libgcc", "-Xlinker", "--strip-all",
        ], .when(platforms: [.linux], configuration: .release))
]

/// The hash kernels are optimised in debug builds too: tests hash megabytes.
let kernelSettings: [CSetting] = [.unsafeFlags(["-O3"])]

/// Not there in other builds, which they would only slow down.
let fuzzers: [Target] =
    isFuzzing
    ? [
        .systemLibrary(name: "CFuzzing", path: "Tests/Fuzzers/CFuzzing"),
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "ByteStrings", "CFuzzing", "CommandLineKit", "DHTEngine", "HTTPService", "PeerRuntime", "SwarmEngine",
                "SwarmTestSupport", "TestSupport", "TorrentCore", "TorrentIO", "TrackerEngine",
            ],
            path: "Tests/Fuzzers/Program", swiftSettings: house),
    ] : []

let package = Package(
    name: "p2p",
    products: [
        .library(name: "TorrentCore", targets: ["TorrentCore", "ByteStrings"]),
        .executable(name: "p2p-tracker", targets: ["p2p-tracker"]),
        .executable(name: "p2p-peer", targets: ["p2p-peer"]),
    ],
    targets: [
        .target(name: "ByteStrings", swiftSettings: pure),
        .target(name: "CHashKernels", cSettings: kernelSettings),
        .target(name: "CPosixShims", exclude: ["linking"]),
        .target(name: "CMemoryHints"),

        .target(name: "TorrentCore", dependencies: ["ByteStrings", "CHashKernels"], swiftSettings: pure),
        .target(name: "SwarmEngine", dependencies: ["TorrentCore"], swiftSettings: pure),
        .target(name: "DHTEngine", dependencies: ["TorrentCore"], swiftSettings: pure),
        .target(
            name: "TrackerEngine", dependencies: ["ByteStrings", "CMemoryHints", "TorrentCore"], swiftSettings: pure),
        .target(
            name: "SwarmSimulator", dependencies: ["DHTEngine", "TorrentCore", "SwarmEngine"], swiftSettings: house),

        .target(
            name: "TorrentIO", dependencies: ["ByteStrings", "CPosixShims", "TorrentCore"], swiftSettings: house),
        .target(
            name: "HTTPService", dependencies: ["ByteStrings", "TorrentCore", "TorrentIO"], swiftSettings: house),
        .target(
            name: "TrackerRuntime",
            dependencies: ["ByteStrings", "HTTPService", "TorrentCore", "TrackerEngine", "TorrentIO"],
            swiftSettings: house),
        .target(name: "PeerEvents", dependencies: ["ByteStrings", "TorrentCore"], swiftSettings: pure),
        .target(
            name: "PeerRuntime",
            dependencies: [
                "ByteStrings", "DHTEngine", "HTTPService", "PeerEvents", "TorrentCore", "SwarmEngine", "TorrentIO",
            ],
            swiftSettings: house),
        .target(name: "CommandLineKit", dependencies: ["ByteStrings"], swiftSettings: house),
        .target(
            name: "TransferReporting", dependencies: ["ByteStrings", "CommandLineKit", "PeerEvents", "TorrentCore"],
            swiftSettings: house),

        .executableTarget(
            name: "p2p-tracker",
            dependencies: ["ByteStrings", "CommandLineKit", "TrackerRuntime", "TorrentCore", "TorrentIO"],
            swiftSettings: house, linkerSettings: programs),
        .executableTarget(
            name: "p2p-peer",
            dependencies: [
                "ByteStrings", "CommandLineKit", "DHTEngine", "PeerEvents", "PeerRuntime", "TrackerRuntime",
                "TransferReporting", "TorrentCore", "TorrentIO",
            ],
            swiftSettings: house, linkerSettings: programs),

        .executableTarget(
            name: "swarm-benchmark",
            dependencies: ["ByteStrings", "DHTEngine", "SwarmSimulator", "SwarmEngine", "TorrentCore", "TorrentIO"],
            path: "Tests/Benchmarks/SwarmQuality", swiftSettings: house),

        .target(
            name: "TestSupport", path: "Tests/TestSupport", swiftSettings: house + [.unsafeFlags(["-O"])]),
        .testTarget(
            name: "TorrentCoreTests", dependencies: ["ByteStrings", "TestSupport", "TorrentCore"],
            swiftSettings: house),
        .target(
            name: "SwarmTestSupport", dependencies: ["DHTEngine", "SwarmEngine", "TorrentCore"],
            path: "Tests/SwarmTestSupport",
            swiftSettings: house),
        .testTarget(
            name: "SwarmEngineTests", dependencies: ["SwarmEngine", "SwarmTestSupport", "TorrentCore"],
            swiftSettings: house),
        .testTarget(
            name: "DHTEngineTests", dependencies: ["DHTEngine", "SwarmTestSupport", "TorrentCore"], swiftSettings: house
        ),
        .testTarget(
            name: "TrackerEngineTests", dependencies: ["ByteStrings", "TrackerEngine", "TorrentCore"],
            swiftSettings: house),
        .testTarget(
            name: "TorrentIOTests", dependencies: ["ByteStrings", "TestSupport", "TorrentCore", "TorrentIO"],
            swiftSettings: house),
        .testTarget(
            name: "TrackerRuntimeTests",
            dependencies: [
                "ByteStrings", "HTTPService", "TestSupport", "TorrentCore", "TorrentIO", "TrackerEngine",
                "TrackerRuntime",
            ],
            swiftSettings: house),
        .testTarget(
            name: "HTTPServiceTests",
            dependencies: ["ByteStrings", "HTTPService", "TestSupport", "TorrentCore", "TorrentIO"],
            swiftSettings: house),
        .testTarget(
            name: "PeerRuntimeTests",
            dependencies: [
                "ByteStrings", "DHTEngine", "PeerEvents", "PeerRuntime", "SwarmEngine", "TestSupport", "TorrentCore",
                "TorrentIO",
            ],
            swiftSettings: house),
        .testTarget(
            name: "SimulationTests", dependencies: ["DHTEngine", "SwarmSimulator", "SwarmEngine", "TorrentCore"],
            exclude: ["FrozenDigests.txt", "coverage"], swiftSettings: house),
        .testTarget(
            name: "CommandLineKitTests", dependencies: ["ByteStrings", "CommandLineKit", "TestSupport"],
            swiftSettings: house),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "ByteStrings", "SwarmEngine", "TestSupport", "TorrentCore", "CommandLineKit", "PeerEvents",
                "TransferReporting",
            ],
            swiftSettings: house),
        .testTarget(
            name: "InteropTests", dependencies: ["TestSupport", "TorrentCore"],
            exclude: ["run", "Drivers"], swiftSettings: house),
        .executableTarget(
            name: "tracker-benchmark", dependencies: ["ByteStrings", "TrackerEngine", "TorrentCore", "TorrentIO"],
            path: "Tests/Benchmarks/TrackerTable", swiftSettings: house),
        .executableTarget(
            name: "micro-benchmark",
            dependencies: ["DHTEngine", "SwarmEngine", "TrackerEngine", "TorrentCore", "TorrentIO"],
            path: "Tests/Benchmarks/Micro", swiftSettings: house),
        .testTarget(name: "HouseRulesTests", swiftSettings: house),
    ] + fuzzers,
    swiftLanguageModes: [.v6]
)

// `P2P_TESTS` leaves the named test targets and what they are built from, so that a change of one engine is built and
// tried in seconds: see `Tests/quick`.
if let wanted = Context.environment["P2P_TESTS"] {
    var kept: Set<String> = []
    var open = wanted.split(separator: " ").map(String.init)
    while let name = open.popLast() {
        guard kept.insert(name).inserted, let target = package.targets.first(where: { $0.name == name }) else {
            continue
        }
        for case .byNameItem(let dependency, _) in target.dependencies { open.append(dependency) }
    }
    package.targets.removeAll { !kept.contains($0.name) }
    package.products = []
}
