/* The receiving end of push.py: one epoll loop that opens sockets and notes when ticks arrive.
 *
 *   pushclient PORT TARGETS RESULT PARALLEL LIMIT_S
 *
 * TARGETS has a line "PATH TOKEN" per socket. Says "connected OPEN LOST" once every socket has had
 * its first tick or is lost, then obeys "begin" and "end" on stdin. "end" writes what arrived in
 * between to RESULT, says "recorded TICKS BYTES PINGS LOST CPU_MS" and leaves. Talks to 127.0.0.1
 * only, and dies by itself after LIMIT_S seconds or with its parent. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum state { WAITING, CONNECTING, UPGRADING, OPEN, GREETED, TICKING, LOST };

struct link {
    int fd;
    enum state state;
    char *path, *token;
    unsigned char *held; /* bytes of an unfinished frame */
    size_t size, room;
};

struct record { /* as push.py unpacks it */
    uint32_t socket, bytes;
    int64_t arrived_ns, at_ms;
};

static struct link *links;
static struct record *records;
static size_t count, next_link, busy, ticking, lost, noted, noted_room, pings;
static uint64_t noted_bytes;
static int poller, port, parallel, recording, told;
static struct rusage began;
static const char *result_path;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int64_t now_ns(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static void lose(struct link *link, const char *why, int number) {
    static int shown;
    if (link->state == LOST) return;
    if (shown++ < 5) fprintf(stderr, "socket %td lost: %s %d\n", link - links, why, number);
    if (link->state == TICKING) ticking--;
    if (link->state < GREETED) busy--;
    lost++;
    link->state = LOST;
    close(link->fd);
    free(link->held);
    link->held = NULL;
}

static void dial(struct link *link) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct epoll_event wanted = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = link};
    int yes = 1;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    link->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (link->fd < 0) fail("socket");
    setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    link->state = CONNECTING;
    busy++;
    if (connect(link->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) {
        lose(link, "connect: errno", errno);
        return;
    }
    if (epoll_ctl(poller, EPOLL_CTL_ADD, link->fd, &wanted) < 0) fail("epoll_ctl");
}

static void upgrade(struct link *link) {
    char request[10240];
    int size = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        "Authorization: Bearer %s\r\n\r\n",
                        link->path, port, link->token);
    link->state = UPGRADING;
    if (size >= (int)sizeof request || send(link->fd, request, size, MSG_NOSIGNAL) != size)
        lose(link, "upgrade not sent: errno", errno);
}

static void note(struct link *link, const char *text, size_t size, int64_t arrived_ns) {
    if (noted == noted_room) {
        noted_room = noted_room ? noted_room * 2 : 1 << 16;
        records = realloc(records, noted_room * sizeof *records);
        if (!records) fail("realloc");
    }
    const char *at = memmem(text, size, "\"at\":", 5);
    struct record *record = &records[noted++];
    record->socket = link - links;
    record->bytes = size;
    record->arrived_ns = arrived_ns;
    record->at_ms = at ? strtoll(at + 5, NULL, 10) : 0;
    noted_bytes += size;
}

static void take(struct link *link, int opcode, unsigned char *text, size_t size, int64_t at_ns) {
    static const char tick[] = "{\"type\":\"tick\"", hello[] = "{\"type\":\"hello\"";
    if (opcode == 1 && link->state == OPEN
        && (size < sizeof hello - 1 || memcmp(text, hello, sizeof hello - 1))) {
        link->state = GREETED;
        busy--;
    }
    if (opcode == 1 && size >= sizeof tick - 1 && !memcmp(text, tick, sizeof tick - 1)) {
        if (link->state == GREETED) {
            link->state = TICKING;
            ticking++;
        }
        if (recording) note(link, (char *)text, size, at_ns);
    } else if (opcode == 9 && size < 126) {
        unsigned char pong[131] = {0x8a, 0x80 | size}; /* masked with zeros */
        memcpy(pong + 6, text, size);
        pings++;
        if (send(link->fd, pong, size + 6, MSG_NOSIGNAL) != (ssize_t)size + 6)
            lose(link, "pong not sent: errno", errno);
    } else if (opcode == 8) {
        lose(link, "closed with", size < 2 ? 0 : text[0] << 8 | text[1]);
    }
}

/* How many of the bytes were whole frames. */
static size_t frames(struct link *link, unsigned char *data, size_t size, int64_t at_ns) {
    size_t used = 0;
    while (size - used >= 2 && link->state != LOST) {
        unsigned char *head = data + used;
        size_t length = head[1] & 0x7f, start = 2;
        if (length == 126) {
            if (size - used < 4) break;
            length = head[2] << 8 | head[3];
            start = 4;
        } else if (length == 127) {
            lose(link, "frame of 64 KiB or more", 0);
            break;
        }
        if (size - used < start + length) break;
        take(link, head[0] & 0x0f, head + start, length, at_ns);
        used += start + length;
    }
    return used;
}

static void drain(struct link *link) {
    for (;;) {
        if (link->room - link->size < 2048) {
            link->room += 2048;
            link->held = realloc(link->held, link->room + 1);
            if (!link->held) fail("realloc");
        }
        ssize_t got = recv(link->fd, link->held + link->size, link->room - link->size, 0);
        int64_t at_ns = now_ns();
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) {
            lose(link, "end of stream: errno", got ? errno : 0);
            return;
        }
        link->size += got;
        link->held[link->size] = 0;
        size_t used = 0;
        if (link->state == UPGRADING) {
            char *end = memmem(link->held, link->size, "\r\n\r\n", 4);
            if (!end) continue;
            if (memcmp(link->held, "HTTP/1.1 101", 12)) {
                lose(link, "upgrade answered with", atoi((char *)link->held + 9));
                return;
            }
            used = (unsigned char *)end + 4 - link->held;
            link->state = OPEN;
        }
        used += frames(link, link->held + used, link->size - used, at_ns);
        if (link->state == LOST) return;
        memmove(link->held, link->held + used, link->size - used);
        link->size -= used;
    }
}

static void finish(void) {
    struct rusage ended;
    FILE *result = fopen(result_path, "wb");
    if (!result || fwrite(records, sizeof *records, noted, result) != noted || fclose(result))
        fail(result_path);
    getrusage(RUSAGE_SELF, &ended);
    long ms = (ended.ru_utime.tv_sec + ended.ru_stime.tv_sec) * 1000L
              + (ended.ru_utime.tv_usec + ended.ru_stime.tv_usec) / 1000
              - (began.ru_utime.tv_sec + began.ru_stime.tv_sec) * 1000L
              - (began.ru_utime.tv_usec + began.ru_stime.tv_usec) / 1000;
    printf("recorded %zu %llu %zu %zu %ld\n", noted, (unsigned long long)noted_bytes, pings, lost,
           ms);
    exit(0);
}

static void obey(void) {
    char words[256];
    ssize_t got = read(0, words, sizeof words - 1);
    if (got <= 0) exit(1);
    words[got] = 0;
    if (strstr(words, "begin")) {
        getrusage(RUSAGE_SELF, &began);
        recording = 1;
    }
    if (strstr(words, "end")) finish();
}

static void read_targets(const char *path) {
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t room = 0, links_room = 0;
    if (!file) fail(path);
    while (getline(&line, &room, file) > 0) {
        if (count == links_room) {
            links_room = links_room ? links_room * 2 : 1024;
            links = realloc(links, links_room * sizeof *links);
            if (!links) fail("realloc");
        }
        struct link *link = &links[count++];
        memset(link, 0, sizeof *link);
        link->path = strdup(strtok(line, " "));
        link->token = strdup(strtok(NULL, "\n"));
    }
    fclose(file);
}

int main(int given, char **words) {
    struct epoll_event ready[512], from_stdin = {.events = EPOLLIN};
    if (given != 6) return 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setvbuf(stdout, NULL, _IOLBF, 0);
    port = atoi(words[1]);
    read_targets(words[2]);
    result_path = words[3];
    parallel = atoi(words[4]);
    alarm(atoi(words[5]));
    poller = epoll_create1(0);
    if (poller < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, 0, &from_stdin) < 0) fail("epoll");
    for (;;) {
        while (next_link < count && busy < (size_t)parallel) dial(&links[next_link++]);
        if (!told && ticking + lost == count) {
            printf("connected %zu %zu\n", ticking, lost);
            told = 1;
        }
        int found = epoll_wait(poller, ready, 512, 1000);
        if (found < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < found; i++) {
            struct link *link = ready[i].data.ptr;
            if (!link) {
                obey();
                continue;
            }
            if (link->state == CONNECTING && ready[i].events & EPOLLOUT) upgrade(link);
            if (link->state != LOST && ready[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
                drain(link);
        }
    }
}
