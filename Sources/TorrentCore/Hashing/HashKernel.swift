internal import CHashKernels

/// An implementation of SHA-1 and SHA-256. All give the same digests; the best for this processor is picked at run
/// time. Each that the processor supports can be had as an argument, or forced for a whole process. A vector kernel
/// that was forced does without SHA instructions, which otherwise help where few streams are left.
public enum HashKernel: Int, CaseIterable, Hashable, Sendable {
    /// C, one stream.
    case portable
    /// Four streams.
    case sse2
    /// Eight streams.
    case avx2
    /// Sixteen streams.
    case avx512
    /// The SHA instructions of x86, four streams interleaved.
    case shaOfX86
    /// Four streams.
    case neon
    /// The SHA instructions of ARMv8, four streams interleaved.
    case shaOfARM

    var inC: hash_kernel {
        switch self {
        case .portable: HASH_PORTABLE
        case .sse2: HASH_SSE2
        case .avx2: HASH_AVX2
        case .avx512: HASH_AVX512
        case .shaOfX86: HASH_SHA_X86
        case .neon: HASH_NEON
        case .shaOfARM: HASH_SHA_ARM
        }
    }

    /// In lower case: `portable`, `sse2`, `avx2`, `avx512`, `sha-x86`, `neon`, `sha-arm`.
    public var name: String { unsafe String(cString: hash_kernel_name(inC)) }

    /// The kernel of this name; nil if there is none, whatever the processor.
    public init?(named name: String) {
        guard let kernel = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = kernel
    }

    /// Whether this processor can run it.
    public var isAvailable: Bool { hash_kernel_available(inC) }

    /// How many streams it hashes at once. To keep it busy, give it more buffers than that.
    public var streams: Int { hash_kernel_streams(inC) }

    /// All that this processor can run.
    public static var available: [HashKernel] { allCases.filter(\.isAvailable) }

    /// The fastest for many streams on this processor, as measured, unless one was forced.
    public static var best: HashKernel { available.first { $0.inC == hash_kernel_best() } ?? .portable }

    /// From now on this is the best one, for the whole process: for tests and comparisons. False, and nothing changes,
    /// if the processor lacks it.
    public func force() -> Bool { hash_kernel_force(inC) }
}
