internal import CSHA1Kernels

/// An implementation of SHA-1 and SHA-256. All give the same digests; the best for this processor is picked at run
/// time. Each that the processor supports can be forced: as an argument, or for a whole process by the environment
/// variable `P2P_HASH_KERNEL` (one of `portable`, `sse2`, `avx2`, `avx512`, `sha-x86`, `neon`, `sha-arm`). A vector
/// kernel forced by the variable does without SHA instructions, which otherwise help where few streams are left. A name
/// that is unknown or not available is ignored here; `p2p-peer` refuses it.
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

    /// As in `P2P_HASH_KERNEL`.
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

    /// The fastest for many streams on this processor, as measured, unless the environment names another.
    public static var best: HashKernel { available.first { $0.inC == hash_kernel_best() } ?? .portable }
}
