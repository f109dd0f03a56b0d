// What the network says of datagrams that have left already: the error queue of a UDP socket (ip(7), IP_RECVERR).
#define _GNU_SOURCE
#include "CPosixShims.h"

#if defined(__linux__)

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <time.h>
#include <linux/errqueue.h>
#include <sys/socket.h>

int p2p_keep_errors(int fd, int is_ipv6) {
    int on = 1;
    return is_ipv6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on)
                   : setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
}

// What ends a connected socket's call as well. The rest (no way there just now, too long for the way) may pass.
static int is_final(const struct sock_extended_err *error) {
    if (error->ee_origin == SO_EE_ORIGIN_ICMP) {
        if (error->ee_type == ICMP_PARAMETERPROB) return 1;
        if (error->ee_type != ICMP_DEST_UNREACH) return 0;
        switch (error->ee_code) {
        case ICMP_NET_UNREACH:
        case ICMP_HOST_UNREACH:
        case ICMP_FRAG_NEEDED:
        case ICMP_SR_FAILED:
        case ICMP_NET_UNR_TOS:
        case ICMP_HOST_UNR_TOS: return 0;
        default: return 1;
        }
    }
    if (error->ee_origin == SO_EE_ORIGIN_ICMP6) {
        if (error->ee_type == ICMP6_PARAM_PROB) return 1;
        if (error->ee_type != ICMP6_DST_UNREACH) return 0;
        switch (error->ee_code) {
        case ICMP6_DST_UNREACH_NOROUTE:
        case ICMP6_DST_UNREACH_BEYONDSCOPE:
        case ICMP6_DST_UNREACH_ADDR: return 0;
        default: return 1;
        }
    }
    return 0;
}

int p2p_next_error(int fd, void *address) {
    union {
        struct cmsghdr header;
        uint8_t bytes[512];
    } control;
    struct msghdr message = {
        .msg_name = address,
        .msg_namelen = sizeof(struct sockaddr_storage),
        .msg_control = &control,
        .msg_controllen = sizeof control,
    };
    if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return -1;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
        const int is_error = (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR) ||
                             (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR);
        if (!is_error) continue;
        struct sock_extended_err error;
        memcpy(&error, CMSG_DATA(part), sizeof error);
        return is_final(&error) ? (int)error.ee_errno : 0;
    }
    return 0;
}

#endif
