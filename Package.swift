// swift-tools-version: 6.2
import PackageDescription

// Warnings are errors in our own targets only: a dependency's warning is not ours to mend.
let strict: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]

// Kernels are compiled once per instruction set, always optimised: these flags come after SwiftPM's own. One thread
// writes an object for each file, as the index of a debug build expects. No kernel may be inlined into modules that are
// compiled for older processors, hence -disable-cmo.
func kernels(_ processor: String...) -> [SwiftSetting] {
    let flags = [
        "-Ounchecked", "-whole-module-optimization", "-num-threads", "1", "-disable-batch-mode", "-disable-cmo", "-Xcc",
        "-ffp-contract=off",
    ]
    return strict + [.unsafeFlags(flags + processor.flatMap { ["-Xcc", $0] })]
}

// The sources are the same, Sources/KernelSources/, a folder that is linked into each.
var kernelTargets: [Target] = [
    .target(name: "KernelsPortable", dependencies: ["CSIMD"], swiftSettings: kernels())
]
#if arch(x86_64)
    kernelTargets += [
        .target(name: "KernelsAVX2", dependencies: ["CSIMD"], swiftSettings: kernels("-march=x86-64-v3")),
        .target(
            name: "KernelsAVX512", dependencies: ["CSIMD"],
            swiftSettings: kernels("-march=x86-64-v4", "-mavx512vnni")),
    ]
#endif

let package = Package(
    name: "paceline",
    products: [.executable(name: "paceline", targets: ["paceline"])],
    dependencies: [
        // Subcommands, options, help pages.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Logs on standard error, with levels.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // Signals and orderly ends of the long-running commands.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // Deque, for every queue.
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        // SHA-256, by which a model is known.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        // Lists of workers, in YAML or JSON.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: kernelTargets + [
        .systemLibrary(
            name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(
            name: "CProtobufC", pkgConfig: "libprotobuf-c", providers: [.apt(["libprotobuf-c-dev"])]),
        .target(name: "CWire", dependencies: ["CProtobufC"]),
        .target(name: "CSIMD", cSettings: [.unsafeFlags(["-ffp-contract=off"])]),
        .target(
            name: "Kernels", dependencies: kernelTargets.map { .byName(name: $0.name) } + ["CSIMD"],
            swiftSettings: strict),
        .target(name: "Tokenizer", swiftSettings: strict),
        .target(
            name: "Checkpoint", dependencies: [.product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .target(name: "GPT2", dependencies: ["Kernels", "Checkpoint"], swiftSettings: strict),
        .target(name: "Sampling", dependencies: ["Kernels"], swiftSettings: strict),
        .target(
            name: "Wire", dependencies: ["CWire", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict),
        .target(
            name: "Transport", dependencies: ["CZeroMQ"],
            swiftSettings: strict),
        .target(
            name: "Scheduling",
            dependencies: [
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: strict),
        .target(
            name: "Worker",
            dependencies: [
                "GPT2", "Sampling", "Wire", "Transport",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "Coordinator",
            dependencies: [
                "Scheduling", "Tokenizer", "Checkpoint", "Wire", "Transport",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(name: "Client", dependencies: ["Wire", "Transport"], swiftSettings: strict),
        .target(
            name: "Commands",
            dependencies: [
                "Kernels", "GPT2", "Sampling", "Tokenizer", "Checkpoint", "Scheduling", "Wire", "Transport", "Worker",
                "Coordinator", "Client",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),
        .executableTarget(name: "paceline", dependencies: ["Commands"], swiftSettings: strict),
        .executableTarget(name: "tokenizer-benchmark", dependencies: ["Tokenizer"], swiftSettings: strict),

        // The generator of all seeded tests.
        .target(name: "SeededRandom", path: "Tests/SeededRandom", swiftSettings: strict),
        .testTarget(name: "TokenizerTests", dependencies: ["SeededRandom", "Tokenizer"], swiftSettings: strict),
        .testTarget(name: "CheckpointTests", dependencies: ["SeededRandom", "Checkpoint"], swiftSettings: strict),
        .testTarget(name: "KernelsTests", dependencies: ["SeededRandom", "Kernels"], swiftSettings: strict),
        .testTarget(name: "GPT2Tests", dependencies: ["SeededRandom", "GPT2"], swiftSettings: strict),
        .testTarget(name: "SamplingTests", dependencies: ["SeededRandom", "Sampling"], swiftSettings: strict),
        .testTarget(name: "WireTests", dependencies: ["SeededRandom", "Wire"], swiftSettings: strict),
        .testTarget(name: "TransportTests", dependencies: ["SeededRandom", "Transport"], swiftSettings: strict),
        .testTarget(name: "SchedulingTests", dependencies: ["SeededRandom", "Scheduling"], swiftSettings: strict),
        .testTarget(
            name: "CoordinatorTests",
            dependencies: [
                "SeededRandom",
                "Coordinator", "Scheduling", "Tokenizer", "Wire", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "WorkerTests",
            dependencies: [
                "SeededRandom", "Worker", "GPT2", "Sampling", "Wire", "Transport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CommandsTests",
            dependencies: [
                "SeededRandom", "paceline", "Commands", "Checkpoint", "Kernels", "GPT2", "Scheduling", "Coordinator", "Worker",
                "Wire",
                "Transport", "Client",
            ],
            swiftSettings: strict),
    ]
)
