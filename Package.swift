// swift-tools-version: 6.2
import PackageDescription

// Warnings are errors in our own targets only: a dependency's warning is not ours to mend.
let strict: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]

// Kernels are compiled once per instruction set, always optimised: these flags come after SwiftPM's own. One thread
// writes an object for each file, as the index of a debug build expects. No kernel may be inlined into modules that are
// compiled for older processors, hence -disable-cmo.
func kernels(_ processor: [String]) -> [SwiftSetting] {
    let flags = [
        "-Ounchecked", "-whole-module-optimization", "-num-threads", "1", "-disable-batch-mode", "-disable-cmo", "-Xcc",
        "-ffp-contract=off",
    ]
    return strict + [.unsafeFlags(flags + processor.flatMap { ["-Xcc", $0] })]
}

/// A target of ours: a folder of its floor.
func target(_ floor: String, _ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(floor)/\(name)", swiftSettings: strict)
}

/// The tests of a target: a folder of the same floor.
func tests(_ floor: String, _ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: ["TestSupport"] + dependencies, path: "Tests/\(floor)/\(name)Tests",
        swiftSettings: strict)
}

// One folder of sources, Sources/Compute/KernelSources/, is linked into each of these.
func kernelTarget(_ name: String, _ processor: String...) -> Target {
    .target(
        name: name, dependencies: ["CSIMD"], path: "Sources/Compute/\(name)", exclude: ["Shared/README.md"],
        swiftSettings: kernels(processor))
}
var kernelTargets = [kernelTarget("KernelsPortable")]
#if arch(x86_64)
    kernelTargets += [
        kernelTarget("KernelsAVX2", "-march=x86-64-v3"),
        kernelTarget("KernelsAVX512", "-march=x86-64-v4", "-mavx512vnni"),
    ]
#endif

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let orderedCollections = Target.Dependency.product(name: "OrderedCollections", package: "swift-collections")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

// Floors, from the ground up: a target depends on its own floor and those above it in this list, no more.
// scripts/check/imports.py holds the same as data, and what each may import.
let system: [Target] = [
    .systemLibrary(name: "CZeroMQ", path: "Sources/System/CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
    .systemLibrary(
        name: "CProtobufC", path: "Sources/System/CProtobufC", pkgConfig: "libprotobuf-c",
        providers: [.apt(["libprotobuf-c-dev"])]),
    .target(name: "CWire", dependencies: ["CProtobufC"], path: "Sources/System/CWire"),
    .target(
        name: "CEmbedded", path: "Sources/System/CEmbedded", cSettings: [.headerSearchPath("../../../cluster")]),
    .target(name: "CDescriptors", path: "Sources/System/CDescriptors"),
    .target(name: "CSIMD", path: "Sources/System/CSIMD", cSettings: [.unsafeFlags(["-ffp-contract=off"])]),
]

let compute =
    kernelTargets + [
        target("Compute", "Kernels", kernelTargets.map { .byName(name: $0.name) } + ["CSIMD"])
    ]

let model = [
    target("Model", "JSON"),
    target("Model", "Embedded", ["CEmbedded"]),
    target("Model", "ModelFiles", ["Embedded", "JSON", "Kernels", crypto]),
    target("Model", "Tokenizer", ["Embedded", "JSON", crypto]),
    target("Model", "Sampling", ["Kernels"]),
    target("Model", "GPT2", ["Kernels", "ModelFiles"]),
]

let serving = [
    target("Serving", "Messages"),
    target("Serving", "Scheduling", [deque, orderedCollections]),
    target("Serving", "Planning", ["Scheduling"]),
    target("Serving", "Simulation", ["Scheduling", heap]),
    target("Serving", "Engine", ["Messages", "Scheduling", "Planning", "Tokenizer"]),
    target("Serving", "StageExecution", ["Messages", "GPT2", "Sampling"]),
]

let cluster = [
    target("Cluster", "Wire", ["CWire", "Messages", logging]),
    target("Cluster", "Transport", ["CZeroMQ"]),
    target(
        "Cluster", "Worker", ["ModelFiles", "GPT2", "StageExecution", "Messages", "Wire", "Transport", deque, logging]),
    target(
        "Cluster", "Coordinator", ["Engine", "Scheduling", "Planning", "Messages", "Wire", "Transport", deque, logging]),
]

let clients = [
    target("Clients", "Sessions", ["Messages", deque]),
    target("Clients", "Client", ["Sessions", "Messages", "Wire", "Transport"]),
    target("Clients", "Observe", ["Sessions", "Messages"]),
]

let app: [Target] = [
    target("App", "Console", ["CDescriptors"]),
    target(
        "App", "Reports", ["GPT2", "ModelFiles", "Messages", "Scheduling", "Planning", "Observe", "Console"]),
    target("App", "Supervisor", ["Console", logging, serviceLifecycle]),
    target(
        "App", "InProcess",
        [
            "Kernels", "ModelFiles", "GPT2", "Tokenizer", "Messages", "Scheduling", "Planning", "Engine",
            "StageExecution",
            "Sessions", deque,
        ]),
    target(
        "App", "Capacity", ["Kernels", "ModelFiles", "GPT2", "Messages", "Scheduling", "Planning", "Simulation", yams]),
    target(
        "App", "Bench",
        [
            "Kernels", "ModelFiles", "GPT2", "Sampling", "Messages", "Scheduling", "Transport", "Sessions", "Client",
            "Observe",
            "InProcess", "Supervisor",
        ]),
    target(
        "App", "Commands",
        [
            "Embedded", "Kernels", "GPT2", "Sampling", "Tokenizer", "ModelFiles", "Messages", "Scheduling", "Planning",
            "Engine", "StageExecution", "Transport", "Worker", "Coordinator", "Sessions",
            "Client", "Observe", "Console", "Reports", "Supervisor", "InProcess", "Capacity", "Bench", argumentParser, logging,
            serviceLifecycle,
        ]),
    .executableTarget(
        name: "paceline", dependencies: ["Commands"], path: "Sources/App/paceline", swiftSettings: strict),
    .executableTarget(
        name: "tokenizer-benchmark", dependencies: ["Tokenizer"], path: "Sources/App/tokenizer-benchmark",
        swiftSettings: strict),
]

let testTargets: [Target] = [
    .target(name: "TestSupport", path: "Tests/Support", swiftSettings: strict),
    tests("Compute", "Kernels", ["Kernels"]),
    tests("Model", "JSON", ["JSON"]),
    tests("Model", "Embedded", ["Embedded"]),
    tests("Model", "ModelFiles", ["ModelFiles", "Kernels"]),
    tests("Model", "Tokenizer", ["Tokenizer"]),
    tests("Model", "Sampling", ["Sampling"]),
    tests("Model", "GPT2", ["GPT2", "ModelFiles", "Kernels"]),
    .target(
        name: "ServingSupport", dependencies: ["TestSupport", "Engine", "Planning", "Tokenizer"],
        path: "Tests/Serving/ServingSupport", swiftSettings: strict),
    .target(
        name: "SchedulingSupport", dependencies: ["Scheduling"], path: "Tests/Serving/SchedulingSupport",
        swiftSettings: strict),
    tests("Serving", "Scheduling", ["Scheduling", "SchedulingSupport"]),
    tests("Serving", "Planning", ["Planning", "Scheduling"]),
    tests("Serving", "Simulation", ["Simulation", "Scheduling", "SchedulingSupport"]),
    tests(
        "Serving", "Engine", ["Engine", "Messages", "Scheduling", "SchedulingSupport", "ServingSupport", "Tokenizer"]),
    .target(
        name: "ClusterSupport", dependencies: ["Transport"], path: "Tests/Cluster/ClusterSupport",
        swiftSettings: strict),
    tests("Cluster", "Wire", ["Messages", "Wire"]),
    tests("Cluster", "Transport", ["Transport"]),
    tests(
        "Cluster", "Worker",
        [
            "Worker", "ModelFiles", "StageExecution", "GPT2", "Sampling", "Messages", "Wire", "Transport",
            "ClusterSupport", logging,
        ]),
    tests(
        "Cluster", "Coordinator",
        ["Coordinator", "Engine", "Scheduling", "Planning", "Messages", "ServingSupport", logging]),
    tests(
        "Cluster", "Cluster",
        [
            "Coordinator", "Worker", "Engine", "GPT2", "ModelFiles", "InProcess", "Messages", "Wire", "Transport",
            "ClusterSupport",
            logging,
        ]),
    tests("Clients", "Client", ["Client", "Sessions", "Messages", "Wire", "Transport"]),
    .target(
        name: "ObserveSupport", dependencies: ["Messages"], path: "Tests/Clients/ObserveSupport",
        swiftSettings: strict),
    tests("Clients", "Observe", ["Observe", "ObserveSupport", "Messages"]),
    tests("App", "Supervisor", ["Supervisor"]),
    tests("App", "Bench", ["Bench", "Observe"]),
    // Must link no socket library; a test looks at it.
    .executableTarget(
        name: "in-process-check", dependencies: ["InProcess", "ModelFiles", "Messages"],
        path: "Tests/App/in-process-check",
        swiftSettings: strict),
    tests("App", "InProcess", ["in-process-check"]),
    tests(
        "App", "Commands",
        [
            "paceline", "Commands", "Console", "Reports", "ObserveSupport", "ModelFiles", "Kernels", "GPT2", "Scheduling",
            "Coordinator",
            "Worker", "Wire",
            "Messages", "Engine", "StageExecution", "Transport", "Client", "Observe", "InProcess",
        ]),
]

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
    targets: system + compute + model + serving + cluster + clients + app + testTargets
)
