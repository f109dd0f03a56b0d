// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target here agrees on.
let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
    // Debug builds, which run the tests, check exclusive access as the program runs; it costs 5 % of a transfer.
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

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

let package = Package(
    name: "p2p",
    products: [
        .library(name: "TorrentCore", targets: ["TorrentCore", "ByteStrings"]),
        .executable(name: "p2p-tracker", targets: ["p2p-tracker"]),
        .executable(name: "p2p-peer", targets: ["p2p-peer"]),
    ],
    targets: [
        .target(name: "ByteStrings", swiftSettings: pure),
        .target(name: "CSHA1Kernels", cSettings: kernelSettings),
        .target(name: "CPosixShims", exclude: ["linking"]),
        .target(name: "CMemoryHints"),

        .target(name: "TorrentCore", dependencies: ["ByteStrings", "CSHA1Kernels"], swiftSettings: pure),
        .target(name: "SwarmEngine", dependencies: ["TorrentCore"], swiftSettings: pure),
        .target(name: "TrackerEngine", dependencies: ["CMemoryHints", "TorrentCore"], swiftSettings: pure),
        .target(name: "SwarmSimulator", dependencies: ["TorrentCore", "SwarmEngine"], swiftSettings: house),

        .target(
            name: "TorrentIO", dependencies: ["ByteStrings", "CPosixShims", "TorrentCore"], swiftSettings: house),
        .target(
            name: "TrackerRuntime", dependencies: ["ByteStrings", "TorrentCore", "TrackerEngine", "TorrentIO"],
            swiftSettings: house),
        .target(name: "PeerEvents", dependencies: ["ByteStrings", "TorrentCore"], swiftSettings: pure),
        .target(
            name: "PeerRuntime",
            dependencies: ["ByteStrings", "TorrentCore", "SwarmEngine", "TorrentIO", "PeerEvents"],
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
                "ByteStrings", "CommandLineKit", "PeerEvents", "PeerRuntime", "TrackerRuntime", "TransferReporting",
                "TorrentCore", "TorrentIO",
            ],
            swiftSettings: house, linkerSettings: programs),

        .executableTarget(
            name: "swarm-benchmark",
            dependencies: ["ByteStrings", "SwarmSimulator", "SwarmEngine", "TorrentCore", "TorrentIO"],
            path: "Tests/Benchmarks/SwarmQuality", swiftSettings: house),

        .target(
            name: "TestSupport", path: "Tests/TestSupport", swiftSettings: house + [.unsafeFlags(["-O"])]),
        .testTarget(
            name: "TorrentCoreTests", dependencies: ["ByteStrings", "TestSupport", "TorrentCore"],
            swiftSettings: house),
        .testTarget(name: "SwarmEngineTests", dependencies: ["SwarmEngine", "TorrentCore"], swiftSettings: house),
        .testTarget(name: "TrackerEngineTests", dependencies: ["TrackerEngine", "TorrentCore"], swiftSettings: house),
        .testTarget(
            name: "TorrentIOTests", dependencies: ["ByteStrings", "TestSupport", "TorrentCore", "TorrentIO"],
            swiftSettings: house),
        .testTarget(
            name: "TrackerRuntimeTests",
            dependencies: ["ByteStrings", "TestSupport", "TorrentCore", "TorrentIO", "TrackerRuntime"],
            swiftSettings: house),
        .testTarget(
            name: "PeerRuntimeTests",
            dependencies: [
                "ByteStrings", "PeerEvents", "PeerRuntime", "SwarmEngine", "TestSupport", "TorrentCore", "TorrentIO",
            ],
            swiftSettings: house),
        .testTarget(
            name: "SimulationTests", dependencies: ["SwarmSimulator", "SwarmEngine", "TorrentCore"],
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
            name: "micro-benchmark", dependencies: ["SwarmEngine", "TrackerEngine", "TorrentCore", "TorrentIO"],
            path: "Tests/Benchmarks/Micro", swiftSettings: house),
        .testTarget(name: "HouseRulesTests", swiftSettings: house),
    ],
    swiftLanguageModes: [.v6]
)
