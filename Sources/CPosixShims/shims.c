// Functions, not inline ones in the header: a header read as a Clang module cannot ask for _GNU_SOURCE.
#define _GNU_SOURCE
#include "CPosixShims.h"

#if defined(__linux__)

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/magic.h>
#include <linux/tcp.h>
#include <malloc.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

static uint32_t to_epoll(uint32_t interest) {
    return ((interest & P2P_READ) ? EPOLLIN : 0) | ((interest & P2P_WRITE) ? EPOLLOUT : 0);
}

static uint32_t from_epoll(uint32_t events) {
    uint32_t readiness = 0;
    if (events & EPOLLIN) readiness |= P2P_READ;
    if (events & EPOLLOUT) readiness |= P2P_WRITE;
    if (events & (EPOLLERR | EPOLLHUP)) readiness |= P2P_HANGUP;
    return readiness;
}

static int control(int poller, int operation, int fd, uint32_t interest, uint64_t token) {
    struct epoll_event event = {.events = to_epoll(interest), .data.u64 = token};
    return epoll_ctl(poller, operation, fd, &event);
}

int p2p_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int p2p_epoll_add(int poller, int fd, uint32_t interest, uint64_t token) {
    return control(poller, EPOLL_CTL_ADD, fd, interest, token);
}

int p2p_epoll_change(int poller, int fd, uint32_t interest, uint64_t token) {
    return control(poller, EPOLL_CTL_MOD, fd, interest, token);
}

int p2p_epoll_remove(int poller, int fd) { return control(poller, EPOLL_CTL_DEL, fd, 0, 0); }

int p2p_epoll_wait(int poller, struct p2p_event *events, int capacity, int milliseconds) {
    struct epoll_event raw[256];
    if (capacity > 256) capacity = 256;
    int count = epoll_wait(poller, raw, capacity, milliseconds);
    for (int i = 0; i < count; i++) {
        events[i].token = raw[i].data.u64;
        events[i].readiness = from_epoll(raw[i].events);
    }
    return count;
}

int p2p_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

intptr_t p2p_random(void *bytes, size_t length) { return getrandom(bytes, length, 0); }

void p2p_return_large_blocks(void) {
#if defined(__GLIBC__)
    // Naming the threshold keeps it from rising by itself, up to 32 MiB, with each block that is given back.
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
#endif
}

static int forget_pages(struct dl_phdr_info *object, size_t size, void *unused) {
    (void)size, (void)unused;
    if (strncmp(object->dlpi_name, "linux-vdso", 10) == 0) return 0;
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int number = 0; number < object->dlpi_phnum; number++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[number];
        // What was never writable stands in its file as it stands here, and comes back from the page cache when needed.
        if (part->p_type != PT_LOAD || (part->p_flags & PF_W)) continue;
        uintptr_t start = (object->dlpi_addr + part->p_vaddr + page - 1) & ~(page - 1);
        uintptr_t end = (object->dlpi_addr + part->p_vaddr + part->p_memsz) & ~(page - 1);
        if (end > start) madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void p2p_return_idle_memory(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
    dl_iterate_phdr(forget_pages, NULL);
}

int p2p_accept(int listener, void *address, uint32_t *length) {
    *length = sizeof(struct sockaddr_storage);
    return accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

struct p2p_datagrams {
    struct mmsghdr headers[P2P_DATAGRAMS];
    struct iovec vectors[P2P_DATAGRAMS];
    struct sockaddr_storage addresses[P2P_DATAGRAMS];
    struct p2p_control {
        _Alignas(struct cmsghdr) uint8_t bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
    } controls[P2P_DATAGRAMS];
    size_t stride;
    // Headers that the last call wrote to, or whoever set them: only those have to be made ready again.
    int used;
};

struct p2p_datagrams *p2p_datagrams_create(uint8_t *buffers, size_t stride) {
    struct p2p_datagrams *batch = calloc(1, sizeof *batch);
    if (!batch) return NULL;
    batch->stride = stride;
    batch->used = P2P_DATAGRAMS;
    for (int i = 0; i < P2P_DATAGRAMS; i++) {
        batch->vectors[i].iov_base = buffers + (size_t)i * stride;
        batch->headers[i].msg_hdr.msg_iov = &batch->vectors[i];
        batch->headers[i].msg_hdr.msg_iovlen = 1;
        batch->headers[i].msg_hdr.msg_name = &batch->addresses[i];
    }
    return batch;
}

void p2p_datagrams_destroy(struct p2p_datagrams *batch) { free(batch); }

void *p2p_datagrams_address(struct p2p_datagrams *batch, int index) {
    return &batch->addresses[index];
}

void p2p_datagrams_set(struct p2p_datagrams *batch, int index, size_t length, uint32_t address_length) {
    if (batch->used <= index) batch->used = index + 1;
    batch->vectors[index].iov_len = length;
    batch->headers[index].msg_hdr.msg_namelen = address_length;
    batch->headers[index].msg_hdr.msg_control = NULL;
    batch->headers[index].msg_hdr.msg_controllen = 0;
}

size_t p2p_datagrams_length(const struct p2p_datagrams *batch, int index, int *truncated) {
    *truncated = (batch->headers[index].msg_hdr.msg_flags & MSG_TRUNC) != 0;
    return batch->headers[index].msg_len;
}

int p2p_datagrams_receive(int fd, struct p2p_datagrams *batch) {
    for (int i = 0; i < batch->used; i++) {
        batch->vectors[i].iov_len = batch->stride;
        batch->headers[i].msg_hdr.msg_namelen = sizeof batch->addresses[i];
        batch->headers[i].msg_hdr.msg_control = batch->controls[i].bytes;
        batch->headers[i].msg_hdr.msg_controllen = sizeof batch->controls[i].bytes;
    }
    int count = recvmmsg(fd, batch->headers, P2P_DATAGRAMS, MSG_DONTWAIT, NULL);
    // One more than came was looked at, at the most; an error may leave any of them half written.
    batch->used = count >= 0 && count < P2P_DATAGRAMS ? count + 1 : P2P_DATAGRAMS;
    return count;
}

int64_t p2p_shortest_round_trip(int fd) {
    struct tcp_info information = {0};
    socklen_t length = sizeof information;
    size_t needed = offsetof(struct tcp_info, tcpi_min_rtt) + sizeof information.tcpi_min_rtt;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &information, &length) != 0 || length < needed) return -1;
    return information.tcpi_min_rtt;
}

int64_t p2p_queueing_time(int fd) {
    struct tcp_info information = {0};
    socklen_t length = sizeof information;
    size_t needed = offsetof(struct tcp_info, tcpi_delivery_rate) + sizeof information.tcpi_delivery_rate;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &information, &length) != 0 || length < needed) return -1;
    if (information.tcpi_delivery_rate == 0 || information.tcpi_min_rtt == 0) return -1;
    int64_t unsent = (int64_t)information.tcpi_notsent_bytes * 1000000 / (int64_t)information.tcpi_delivery_rate;
    int64_t trip = (int64_t)information.tcpi_rtt - (int64_t)information.tcpi_min_rtt;
    return unsent + (trip > 0 ? trip : 0);
}

int p2p_tell_destination(int fd, int is_ipv6) {
    int on = 1;
    return is_ipv6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on)
                   : setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
}

void p2p_datagrams_reply(struct p2p_datagrams *batch, int index, struct p2p_datagrams *from, int received) {
    struct msghdr *header = &batch->headers[index].msg_hdr;
    struct cmsghdr *asked = CMSG_FIRSTHDR(&from->headers[received].msg_hdr);
    if (!asked) return;
    struct cmsghdr *reply = (struct cmsghdr *)batch->controls[index].bytes;
    if (asked->cmsg_level == IPPROTO_IP && asked->cmsg_type == IP_PKTINFO) {
        struct in_pktinfo information;
        memcpy(&information, CMSG_DATA(asked), sizeof information);
        // The route decides the interface, as for any other packet; only the source is fixed.
        information.ipi_ifindex = 0;
        memcpy(CMSG_DATA(reply), &information, sizeof information);
        reply->cmsg_len = CMSG_LEN(sizeof information);
        header->msg_controllen = CMSG_SPACE(sizeof information);
    } else if (asked->cmsg_level == IPPROTO_IPV6 && asked->cmsg_type == IPV6_PKTINFO) {
        struct in6_pktinfo information;
        memcpy(&information, CMSG_DATA(asked), sizeof information);
        // A link-local address means nothing without its interface.
        if (!IN6_IS_ADDR_LINKLOCAL(&information.ipi6_addr)) information.ipi6_ifindex = 0;
        memcpy(CMSG_DATA(reply), &information, sizeof information);
        reply->cmsg_len = CMSG_LEN(sizeof information);
        header->msg_controllen = CMSG_SPACE(sizeof information);
    } else {
        return;
    }
    reply->cmsg_level = asked->cmsg_level;
    reply->cmsg_type = asked->cmsg_type;
    header->msg_control = batch->controls[index].bytes;
}

int p2p_datagrams_send(int fd, struct p2p_datagrams *batch, int first, int count) {
    return sendmmsg(fd, batch->headers + first, (unsigned)(count - first), MSG_DONTWAIT | MSG_NOSIGNAL);
}

const int P2P_O_PATH = O_PATH;
const int P2P_O_TMPFILE = O_TMPFILE;

intptr_t p2p_pread_cached(int fd, void *bytes, size_t length, int64_t offset) {
    struct iovec vector = {.iov_base = bytes, .iov_len = length};
    return preadv2(fd, &vector, 1, offset, RWF_NOWAIT);
}

int p2p_is_memory_backed(int fd) {
    struct statfs information;
    if (fstatfs(fd, &information) != 0) return 0;
    return information.f_type == 0x01021994 || (uint32_t)information.f_type == 0x858458f6u;
}

// syncfs tells of what was lost since Linux 5.8.
static int syncfs_tells(void) {
    struct utsname name;
    int major = 0, minor = 0;
    if (uname(&name) != 0 || sscanf(name.release, "%d.%d", &major, &minor) != 2) return 0;
    return major > 5 || (major == 5 && minor >= 8);
}

int p2p_sync_file_system(int fd) {
    struct statfs information;
    if (fstatfs(fd, &information) != 0) return -1;
    switch ((uint32_t)information.f_type) {
    case EXT4_SUPER_MAGIC:
    case XFS_SUPER_MAGIC:
    case BTRFS_SUPER_MAGIC:
    case F2FS_SUPER_MAGIC:
        if (syncfs_tells()) return syncfs(fd);
    }
    errno = ENOSYS;
    return -1;
}

static int64_t nanoseconds(int64_t seconds, uint32_t rest) {
    return (int64_t)((uint64_t)seconds * 1000000000u + rest);
}

// For kernels and sandboxes that do not have statx: without a birth.
static int look_plainly(int folder, const char *name, int follows_link, struct p2p_standing *standing) {
    struct stat status;
    int flags = follows_link ? 0 : AT_SYMLINK_NOFOLLOW;
    if ((name ? fstatat(folder, name, &status, flags) : fstat(folder, &status)) != 0) return -1;
    *standing = (struct p2p_standing){
        .size = status.st_size,
        .modified = nanoseconds(status.st_mtim.tv_sec, (uint32_t)status.st_mtim.tv_nsec),
        .changed = nanoseconds(status.st_ctim.tv_sec, (uint32_t)status.st_ctim.tv_nsec),
        .inode = status.st_ino,
        .device = status.st_dev,
        .links = (uint32_t)status.st_nlink,
        .mode = status.st_mode,
    };
    return 0;
}

int p2p_look(int folder, const char *name, int follows_link, struct p2p_standing *standing) {
    struct statx status;
    int flags = !name ? AT_EMPTY_PATH : follows_link ? 0 : AT_SYMLINK_NOFOLLOW;
    if (statx(folder, name ? name : "", flags, STATX_BASIC_STATS | STATX_BTIME, &status) != 0)
        return errno == ENOSYS || errno == EPERM ? look_plainly(folder, name, follows_link, standing) : -1;
    int has_birth = (status.stx_mask & STATX_BTIME) != 0;
    *standing = (struct p2p_standing){
        .size = (int64_t)status.stx_size,
        .modified = nanoseconds(status.stx_mtime.tv_sec, status.stx_mtime.tv_nsec),
        .changed = nanoseconds(status.stx_ctime.tv_sec, status.stx_ctime.tv_nsec),
        .born = has_birth ? nanoseconds(status.stx_btime.tv_sec, status.stx_btime.tv_nsec) : 0,
        .inode = status.stx_ino,
        .device = makedev(status.stx_dev_major, status.stx_dev_minor),
        .links = status.stx_nlink,
        .mode = status.stx_mode,
    };
    return 0;
}

static int set_lock(int fd, int64_t position, short kind) {
    struct flock lock = {.l_type = kind, .l_whence = SEEK_SET, .l_start = position, .l_len = 1};
    return fcntl(fd, F_OFD_SETLK, &lock);
}

int p2p_lock_byte(int fd, int64_t position, int exclusive) {
    return set_lock(fd, position, exclusive ? F_WRLCK : F_RDLCK);
}

int p2p_unlock_byte(int fd, int64_t position) { return set_lock(fd, position, F_UNLCK); }

static volatile sig_atomic_t signal_pipe = -1;

static void write_signal(int signal, siginfo_t *information, void *context) {
    (void)context;
    int before = errno;
    unsigned char byte = (unsigned char)(signal | (information->si_code == SI_KERNEL ? P2P_SIGNAL_FROM_SYSTEM : 0));
    // A full pipe has plenty to say already.
    ssize_t written = write(signal_pipe, &byte, 1);
    (void)written;
    errno = before;
}

int p2p_signal_to_pipe(int signal, int fd) {
    signal_pipe = fd;
    struct sigaction action = {.sa_sigaction = write_signal, .sa_flags = SA_RESTART | SA_SIGINFO};
    return sigaction(signal, &action, NULL);
}

int p2p_signal_is_ignored(int signal) {
    struct sigaction action;
    return sigaction(signal, NULL, &action) == 0 && !(action.sa_flags & SA_SIGINFO) && action.sa_handler == SIG_IGN;
}

#endif
