// What `import Glibc` does not show. Plain types only and no system header, whose types would otherwise count as ours:
// an address is a pointer to a `sockaddr_storage`.
#pragma once

#include <stddef.h>
#include <stdint.h>

#if defined(__linux__)

// MARK: epoll: level-triggered, a 64-bit token a descriptor

enum { P2P_READ = 1, P2P_WRITE = 2, P2P_HANGUP = 4 };

struct p2p_event {
    uint64_t token;
    uint32_t readiness;
};

int p2p_epoll_create(void);
int p2p_epoll_add(int poller, int fd, uint32_t interest, uint64_t token);
int p2p_epoll_change(int poller, int fd, uint32_t interest, uint64_t token);
int p2p_epoll_remove(int poller, int fd);
/// Up to `capacity` (at most 256) events into `events`; -1 with errno set. A timeout below 0 waits for ever.
int p2p_epoll_wait(int poller, struct p2p_event *events, int capacity, int milliseconds);

// MARK: waking

int p2p_eventfd(void);

// MARK: chance

/// getrandom: how many bytes came, or -1.
intptr_t p2p_random(void *bytes, size_t length);

// MARK: memory

/// Has blocks of 128 KiB and more come straight from the system, and go back to it when they are freed.
void p2p_return_large_blocks(void);
/// Gives back what was freed, and lets go of pages of the program and its libraries: those in use come back from the
/// page cache by themselves, those that only the start needed do not.
void p2p_return_idle_memory(void);

// MARK: compression

/// libz, opened at run time; NULL if it, or what is needed of it, is not there. Stays open for good.
struct p2p_inflate;

const struct p2p_inflate *p2p_inflate_open(const char *name);

enum { P2P_INFLATE_WHOLE, P2P_INFLATE_CUT_SHORT, P2P_INFLATE_FULL, P2P_INFLATE_MALFORMED };

/// Takes gzip or zlib data apart, or with `is_raw` deflate data without a frame: how far it came (above), `written`
/// bytes in `output`.
int p2p_inflate(
    const struct p2p_inflate *library, int is_raw, const uint8_t *input, size_t length, uint8_t *output,
    size_t capacity, size_t *written);

// MARK: signatures

/// The system's libcrypto, or NULL if there is none of that name, or one that is too old for Ed25519. Never freed.
struct p2p_signatures;

const struct p2p_signatures *p2p_signatures_open(const char *name);

/// Whether a signature of Ed25519 (RFC 8032) is right.
int p2p_signature_is_right(
    const struct p2p_signatures *library, const uint8_t key[32], const uint8_t signature[64], const uint8_t *message,
    size_t length);

// MARK: sockets

/// accept4 with SOCK_NONBLOCK | SOCK_CLOEXEC.
int p2p_accept(int listener, void *address, uint32_t *length);

/// The shortest round trip of a TCP connection so far, in microseconds; -1 if the system does not say.
int64_t p2p_shortest_round_trip(int fd);
/// How long a byte written now to a TCP connection will take longer than one on idle lines, in microseconds: what the
/// kernel has not sent yet, at the rate of late, and what the round trip is above the shortest; -1 if it does not say.
int64_t p2p_queueing_time(int fd);

enum { P2P_DATAGRAMS = 64 };

/// The headers of a batch of datagrams, set up once for buffers of `stride` bytes that lie one behind the other.
struct p2p_datagrams;

struct p2p_datagrams *p2p_datagrams_create(uint8_t *buffers, size_t stride);
void p2p_datagrams_destroy(struct p2p_datagrams *batch);
void *p2p_datagrams_address(struct p2p_datagrams *batch, int index);
void p2p_datagrams_set(struct p2p_datagrams *batch, int index, size_t length, uint32_t address_length);
/// Bytes of a received datagram; with `truncated` set if it was longer than its buffer.
size_t p2p_datagrams_length(const struct p2p_datagrams *batch, int index, int *truncated);
/// From now on received datagrams say which of our addresses they were sent to.
int p2p_tell_destination(int fd, int is_ipv6);
/// Has a datagram, set already, leave from the address that a received one was sent to.
void p2p_datagrams_reply(struct p2p_datagrams *batch, int index, struct p2p_datagrams *from, int received);
/// recvmmsg of up to 64 datagrams, without waiting; how many came, or -1.
int p2p_datagrams_receive(int fd, struct p2p_datagrams *batch);
/// sendmmsg of the datagrams from `first` to `count`; how many left, or -1.
int p2p_datagrams_send(int fd, struct p2p_datagrams *batch, int first, int count);

/// From now on the system keeps what the network says of datagrams that have left. The next call on the socket fails
/// with it, too, wherever that one's datagram goes.
int p2p_keep_errors(int fd, int is_ipv6);
/// Takes the next of them: its errno, and in `address` where the datagram went; 0 for one that may pass; -1 if there is
/// none.
int p2p_next_error(int fd, void *address);

// MARK: arguments

/// Those that main() was given, the program's own name first; they live as long as the process.
int p2p_argument_count(void);
const char *p2p_argument(int position);

// MARK: signals

/// Added to the number of a signal that no process sent: Ctrl-C on a terminal.
enum { P2P_SIGNAL_FROM_SYSTEM = 128 };
/// From now on `signal` does nothing but write its number as a byte to `fd`, on whatever thread it arrives; all signals
/// share one `fd`.
int p2p_signal_to_pipe(int signal, int fd);
/// True if `signal` is ignored at present.
int p2p_signal_is_ignored(int signal);

// MARK: terminals

/// From now on the terminal `in` hands over each byte as it is typed, Ctrl-C too, and shows nothing by itself; pastes
/// are marked, which `out` is told. Both are undone while the process stands still, and however it ends but by SIGKILL.
/// Writes `w` to `wake` when the window has another size, `c` when the process goes on. -1 if that is no terminal.
int p2p_terminal_take(int in, int out, int wake);
/// The terminal is again as it was.
void p2p_terminal_give_back(void);

// MARK: files

/// For open.
extern const int P2P_O_PATH;
extern const int P2P_O_TMPFILE;

/// preadv2 with RWF_NOWAIT: EAGAIN if the bytes are not in memory.
intptr_t p2p_pread_cached(int fd, void *bytes, size_t length, int64_t offset);
/// True if the file lives in memory alone (tmpfs, ramfs), where a read never waits and RWF_NOWAIT always refuses.
int p2p_is_memory_backed(int fd);

/// Waits until everything that was written to the file system of `fd` is on the disk, and says if something could not
/// be kept (syncfs). -1 with ENOSYS where the system does not say so reliably: before Linux 5.8, and on other file
/// systems than ext2 to ext4, XFS, Btrfs and F2FS.
int p2p_sync_file_system(int fd);

/// By what a file can be known again. Times are nanoseconds since 1970, modulo 2^64: for comparing, not for reading.
struct p2p_standing {
    int64_t size;
    int64_t modified;
    int64_t changed;
    /// When it was made; 0 if the file system does not say.
    int64_t born;
    uint64_t inode;
    uint64_t device;
    uint32_t links;
    /// As in `st_mode`.
    uint32_t mode;
};

/// statx of `name` in `folder`, a link as such or what it leads to; with `name` NULL of the descriptor `folder` itself.
int p2p_look(int folder, const char *name, int follows_link, struct p2p_standing *standing);

/// An advisory lock on one byte of a file, owned by the open file description (F_OFD_SETLK): -1 with EAGAIN if another
/// one holds it. Locking again changes the kind.
int p2p_lock_byte(int fd, int64_t position, int exclusive);
int p2p_unlock_byte(int fd, int64_t position);

#endif
