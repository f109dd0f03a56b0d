// The plainest program that moves a file as a leecher has to: sendfile -> recv -> many-stream SHA-1 -> pwrite.
// One thread on each side, no protocol, no choice of pieces. A limit to hold a real peer against.
//
//     pipeline SOURCE TARGET PIECE_LENGTH
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "CHashKernels.h"

static void die(const char *what) {
    perror(what);
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static double cpu(const struct rusage *use) {
    return use->ru_utime.tv_sec + use->ru_stime.tv_sec + (use->ru_utime.tv_usec + use->ru_stime.tv_usec) / 1e6;
}

static void send_file(const char *path, int listener) {
    int file = open(path, O_RDONLY), socket = accept(listener, NULL, NULL);
    struct stat status;
    if (file < 0 || socket < 0 || fstat(file, &status) != 0) die("send");
    off_t offset = 0;
    while (offset < status.st_size)
        if (sendfile(socket, file, &offset, 512 << 10) <= 0) die("sendfile");
    close(socket);
}

// Takes in a group of pieces, hashes all of them at once, writes them.
static size_t receive_group(int socket, int file, uint8_t *buffer, size_t piece, size_t most, off_t at) {
    size_t got = 0;
    while (got < piece * most) {
        ssize_t some = recv(socket, buffer + got, piece * most - got, 0);
        if (some < 0) die("recv");
        if (some == 0) break;
        got += some;
    }
    struct hash_stream streams[16];
    size_t count = got / piece;
    for (size_t i = 0; i < count; i++)
        streams[i] = (struct hash_stream){
            .state = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0},
            .data = buffer + i * piece, .blocks = piece / 64};
    sha1_feed(hash_kernel_best(), streams, count);
    for (size_t written = 0; written < got;) {
        ssize_t some = pwrite(file, buffer + written, got - written, at + written);
        if (some <= 0) die("pwrite");
        written += some;
    }
    return got;
}

int main(int count, char **arguments) {
    if (count != 4) return fprintf(stderr, "pipeline SOURCE TARGET PIECE_LENGTH\n"), 2;
    size_t piece = strtoul(arguments[3], NULL, 10);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(listener, (void *)&address, length) || listen(listener, 1)
        || getsockname(listener, (void *)&address, &length)) die("listen");
    double began = now();
    pid_t sender = fork();
    if (sender == 0) {
        send_file(arguments[1], listener);
        return 0;
    }
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    int file = open(arguments[2], O_CREAT | O_RDWR | O_TRUNC, 0644);
    if (connect(connection, (void *)&address, length) || file < 0) die("connect");
    size_t most = hash_kernel_streams(hash_kernel_best());
    uint8_t *buffer = malloc(piece * most);
    off_t at = 0;
    for (size_t got; (got = receive_group(connection, file, buffer, piece, most, at)) > 0;) at += got;
    double seconds = now() - began;
    struct rusage mine, theirs;
    int status;
    wait4(sender, &status, 0, &theirs);
    getrusage(RUSAGE_SELF, &mine);
    printf("{\"event\":\"complete\",\"seconds\":%.4f,\"receiver_cpu\":%.4f,\"sender_cpu\":%.4f,"
           "\"receiver_memory\":%ld,\"sender_memory\":%ld}\n",
        seconds, cpu(&mine), cpu(&theirs), mine.ru_maxrss, theirs.ru_maxrss);
    return status != 0;
}
