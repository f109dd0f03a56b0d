// Lines to hosts that are far away: a device in the network namespace of each, and between them what a slow line does
// to a packet. It waits for its turn in the sender's queue, which has one rate and drops what does not fit; then it
// travels, for the sum of both hosts' delays; on the way it may be lost.
//
//     far-lines BITS_PER_SECOND QUEUE_MILLISECONDS LOST_PER_MILLION HOST...
//
// A host is PID:ADDRESS:DELAY_MILLISECONDS; the process is one that lives in the namespace. Says {"event":"ready"} when
// all devices, called `line`, are there, and runs until it is ended, for an hour at most.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { MOST_HOSTS = 256, LONGEST_PACKET = 1500, ETHERNET_HEADER = 14, READS_A_TURN = 64 };

struct packet {
    uint64_t due;
    uint64_t number;
    int to, length;
    uint8_t bytes[LONGEST_PACKET];
};

static struct pollfd devices[MOST_HOSTS];
static struct in_addr addresses[MOST_HOSTS];
static uint64_t delays[MOST_HOSTS], free_at[MOST_HOSTS];
static int hosts;

// Packets on their way, the next to arrive first.
static struct packet **heap;
static size_t count, room;
// Packets to be used again.
static struct packet *spare[4096];
static size_t spares;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int is_before(const struct packet *a, const struct packet *b) {
    return a->due != b->due ? a->due < b->due : a->number < b->number;
}

static void push(struct packet *packet) {
    if (count == room && !(heap = realloc(heap, (room = room ? room * 2 : 1024) * sizeof *heap))) die("memory");
    size_t at = count++;
    for (size_t up; at > 0 && is_before(packet, heap[up = (at - 1) / 2]); at = up) heap[at] = heap[up];
    heap[at] = packet;
}

static struct packet *pop(void) {
    struct packet *first = heap[0], *last = heap[--count];
    size_t at = 0;
    for (size_t down; (down = at * 2 + 1) < count; at = down) {
        if (down + 1 < count && is_before(heap[down + 1], heap[down])) down++;
        if (!is_before(heap[down], last)) break;
        heap[at] = heap[down];
    }
    heap[at] = last;
    return first;
}

static struct packet *take(void) {
    struct packet *packet = spares ? spare[--spares] : malloc(sizeof *packet);
    if (!packet) die("memory");
    return packet;
}

static void give(struct packet *packet) {
    if (spares < sizeof spare / sizeof *spare) spare[spares++] = packet; else free(packet);
}

static int device_in(const char *process) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%s/ns/net", process);
    int space = open(path, O_RDONLY | O_CLOEXEC);
    if (space < 0 || setns(space, CLONE_NEWNET) != 0) die(path);
    close(space);
    int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    struct ifreq request = {.ifr_name = "line", .ifr_flags = IFF_TUN | IFF_NO_PI};
    if (device < 0 || ioctl(device, TUNSETIFF, &request) != 0) die("/dev/net/tun");
    return device;
}

static int host_with(const uint8_t *address) {
    for (int i = 0; i < hosts; i++)
        if (!memcmp(&addresses[i], address, sizeof addresses[i])) return i;
    return -1;
}

int main(int argc, char **argv) {
    if (argc < 5 || argc - 4 > MOST_HOSTS) return fprintf(stderr, "far-lines: see its source\n"), 2;
    uint64_t nanoseconds_a_byte_1024 = (uint64_t)(8e9 * 1024 / atof(argv[1]));
    uint64_t longest_queue = (uint64_t)(atof(argv[2]) * 1e6);
    uint32_t lost = (uint32_t)(atof(argv[3]) / 1e6 * UINT32_MAX), chance = 0x9E3779B9;
    for (; hosts < argc - 4; hosts++) {
        char *process = strtok(argv[hosts + 4], ":"), *address = strtok(NULL, ":"), *delay = strtok(NULL, ":");
        if (!delay || !inet_aton(address, &addresses[hosts])) return fprintf(stderr, "far-lines: not a host\n"), 2;
        delays[hosts] = (uint64_t)(atof(delay) * 1e6);
        devices[hosts] = (struct pollfd){.fd = device_in(process), .events = POLLIN};
    }
    printf("{\"event\":\"ready\"}\n");
    fflush(stdout);

    uint64_t number = 0;
    for (uint64_t end = now() + 3600000000000u, time; (time = now()) < end;) {
        while (count && heap[0]->due <= time) {
            struct packet *packet = pop();
            // A device that is not up yet, or no longer, loses what is sent to it.
            ssize_t written = write(devices[packet->to].fd, packet->bytes, (size_t)packet->length);
            if (written < 0 && errno == EBADF) die("write");
            give(packet);
        }
        uint64_t wait = count ? heap[0]->due - time : 1000000000u;
        struct timespec pause = {.tv_sec = (time_t)(wait / 1000000000u), .tv_nsec = (long)(wait % 1000000000u)};
        if (ppoll(devices, (nfds_t)hosts, &pause, NULL) <= 0) continue;
        time = now();
        for (int from = 0; from < hosts; from++) {
            if (!(devices[from].revents & POLLIN)) continue;
            for (int reads = 0; reads < READS_A_TURN; reads++) {
                struct packet *packet = take();
                packet->length = (int)read(devices[from].fd, packet->bytes, sizeof packet->bytes);
                if (packet->length < 0) {
                    give(packet);
                    break;
                }
                packet->to = packet->length >= 20 && packet->bytes[0] >> 4 == 4 ? host_with(packet->bytes + 16) : -1;
                uint64_t begin = free_at[from] > time ? free_at[from] : time;
                if (packet->to < 0 || begin - time > longest_queue) {
                    give(packet);
                    continue;
                }
                free_at[from] =
                    begin + ((uint64_t)(packet->length + ETHERNET_HEADER) * nanoseconds_a_byte_1024 >> 10);
                packet->due = free_at[from] + delays[from] + delays[packet->to];
                packet->number = number++;
                // A xorshift: of packets that come in the same order, the same are lost.
                chance ^= chance << 13, chance ^= chance >> 17, chance ^= chance << 5;
                if (chance < lost) give(packet); else push(packet);
            }
        }
    }
    return 0;
}
