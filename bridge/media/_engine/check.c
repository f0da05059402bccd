#include "check.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define HEADER 20
#define DIGEST 20
#define BLOCK 64
#define REQUEST 0x0001
#define RESPONSE 0x0101
#define USERNAME 0x0006
#define INTEGRITY 0x0008
#define MAPPED 0x0020
#define FINGERPRINT 0x8028
#define FINGERPRINT_MASK 0x5354554Eu

static const uint8_t COOKIE[4] = {0x21, 0x12, 0xA4, 0x42};

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static uint8_t *put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
    return at + 2;
}

static uint8_t *put32(uint8_t *at, uint32_t value)
{
    return put16(put16(at, (uint16_t)(value >> 16)), (uint16_t)value);
}

/* --- SHA-1 (RFC 3174), HMAC (RFC 2104), CRC-32 (RFC 8489 14.7) ------------------------ */

static uint32_t rotated(uint32_t value, unsigned bits)
{
    return value << bits | value >> (32 - bits);
}

static void add_block(uint32_t state[5], const uint8_t *data)
{
    uint32_t words[80];
    for (size_t index = 0; index < 16; index++)
        words[index] = get32(data + 4 * index);
    for (size_t index = 16; index < 80; index++)
        words[index] = rotated(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^
                                   words[index - 16], 1);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (size_t index = 0; index < 80; index++) {
        uint32_t mixed;
        if (index < 20)
            mixed = ((b & c) | (~b & d)) + 0x5A827999;
        else if (index < 40)
            mixed = (b ^ c ^ d) + 0x6ED9EBA1;
        else if (index < 60)
            mixed = ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC;
        else
            mixed = (b ^ c ^ d) + 0xCA62C1D6;
        uint32_t next = rotated(a, 5) + mixed + e + words[index];
        e = d;
        d = c;
        c = rotated(b, 30);
        b = a;
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

/* Hash one whole block and then data. */
static void digest(const uint8_t first[BLOCK], const uint8_t *data, size_t size,
                   uint8_t result[DIGEST])
{
    uint32_t state[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    uint8_t rest[2 * BLOCK] = {0};
    size_t done = 0;
    add_block(state, first);
    for (; size - done >= BLOCK; done += BLOCK)
        add_block(state, data + done);
    size_t left = size - done, end = left < BLOCK - 8 ? BLOCK : 2 * BLOCK;
    memcpy(rest, data + done, left);
    rest[left] = 0x80;
    put32(rest + end - 4, (uint32_t)(8 * (BLOCK + size)));
    for (size_t at = 0; at < end; at += BLOCK)
        add_block(state, rest + at);
    for (size_t index = 0; index < 5; index++)
        put32(result + 4 * index, state[index]);
}

static void sign(const check_key *key, const uint8_t *data, size_t size, uint8_t result[DIGEST])
{
    uint8_t inner[BLOCK] = {0}, outer[BLOCK], between[DIGEST];
    memcpy(inner, key->password, key->password_size);
    for (size_t index = 0; index < BLOCK; index++) {
        outer[index] = inner[index] ^ 0x5C;
        inner[index] ^= 0x36;
    }
    digest(inner, data, size, between);
    digest(outer, between, sizeof between, result);
}

static uint32_t fingerprint(const uint8_t *data, size_t size)
{
    uint32_t rest = 0xFFFFFFFF;
    for (size_t index = 0; index < size; index++) {
        rest ^= data[index];
        for (int bit = 0; bit < 8; bit++)
            rest = rest >> 1 ^ (0xEDB88320 & (0 - (rest & 1)));
    }
    return ~rest ^ FINGERPRINT_MASK;
}

/* --- checks and answers -------------------------------------------------------------- */

typedef struct {
    const uint8_t *user; /* USERNAME */
    size_t user_size;
    size_t signed_at;    /* where MESSAGE-INTEGRITY begins, 0: nowhere */
} check;

/* 0: it is no check, or malformed. */
static int read_check(const uint8_t *data, size_t size, check *found)
{
    memset(found, 0, sizeof *found);
    if (size < HEADER || size > CHECK_LONGEST || get16(data) != REQUEST ||
        HEADER + (size_t)get16(data + 2) != size || memcmp(data + 4, COOKIE, sizeof COOKIE) != 0)
        return 0;
    for (size_t at = HEADER; at + 4 <= size;) {
        uint16_t kind = get16(data + at);
        size_t length = get16(data + at + 2);
        const uint8_t *value = data + at + 4;
        if (at + 4 + length > size)
            return 0;
        if (kind == FINGERPRINT) {
            if (length != 4 || get32(value) != fingerprint(data, at))
                return 0;
        } else if (found->signed_at != 0) {
            /* not authenticated */
        } else if (kind == USERNAME) {
            if (found->user_size != 0)
                return 0;
            found->user = value;
            found->user_size = length;
        } else if (kind == INTEGRITY) {
            if (length != DIGEST)
                return 0;
            found->signed_at = at;
        }
        at += 4 + length + (-length & 3);
    }
    return found->user_size != 0 && found->signed_at != 0;
}

static const check_key *key_of(const check *found, const check_key *keys, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        size_t size = keys[index].ufrag_size;
        if (found->user_size > size && found->user[size] == ':' &&
            memcmp(found->user, keys[index].ufrag, size) == 0)
            return &keys[index];
    }
    return NULL;
}

static int is_authentic(const uint8_t *data, const check *found, const check_key *key)
{
    uint8_t copy[CHECK_LONGEST], expected[DIGEST], differs = 0;
    const uint8_t *said = data + found->signed_at + 4;
    memcpy(copy, data, found->signed_at);
    put16(copy + 2, (uint16_t)(found->signed_at + 4 + DIGEST - HEADER)); /* RFC 8489 14.5 */
    sign(key, copy, found->signed_at, expected);
    for (size_t index = 0; index < DIGEST; index++)
        differs |= said[index] ^ expected[index]; /* in the same time, wherever they differ */
    return differs == 0;
}

/* XOR-MAPPED-ADDRESS. NULL: no address. */
static uint8_t *put_address(uint8_t *at, const uint8_t *name, size_t name_size,
                            const uint8_t *mask)
{
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    const uint8_t *host, *port;
    size_t size;
    if (name_size < sizeof four)
        return NULL;
    memcpy(&four, name, sizeof four);
    if (four.sin_family == AF_INET) {
        host = (const uint8_t *)&four.sin_addr;
        port = (const uint8_t *)&four.sin_port;
        size = 4;
    } else if (four.sin_family == AF_INET6 && name_size >= sizeof six) {
        memcpy(&six, name, sizeof six);
        host = (const uint8_t *)&six.sin6_addr;
        port = (const uint8_t *)&six.sin6_port;
        size = 16;
        if (memcmp(host, mapped, sizeof mapped) == 0) {
            host += sizeof mapped;
            size = 4;
        }
    } else {
        return NULL;
    }
    at = put16(put16(at, MAPPED), (uint16_t)(4 + size));
    at = put16(at, size == 4 ? 1 : 2);
    for (size_t index = 0; index < 2; index++)
        *at++ = port[index] ^ mask[index];
    for (size_t index = 0; index < size; index++)
        *at++ = host[index] ^ mask[index];
    return at;
}

size_t check_answer(const uint8_t *data, size_t size, const check_key *keys, size_t count,
                    const uint8_t *name, size_t name_size, uint8_t answer[CHECK_ANSWER])
{
    check found;
    if (!read_check(data, size, &found))
        return 0;
    const check_key *key = key_of(&found, keys, count);
    if (key == NULL || !is_authentic(data, &found, key))
        return 0;
    /* Cookie and transaction are those of the check, and the mask of the address. */
    put16(answer, RESPONSE);
    memcpy(answer + 4, data + 4, HEADER - 4);
    uint8_t *at = put_address(answer + HEADER, name, name_size, data + 4);
    if (at == NULL)
        return 0;
    put16(answer + 2, (uint16_t)(at + 4 + DIGEST - answer - HEADER));
    uint8_t *signature = put16(put16(at, INTEGRITY), DIGEST);
    sign(key, answer, (size_t)(at - answer), signature);
    at = signature + DIGEST;
    put16(answer + 2, (uint16_t)(at + 8 - answer - HEADER));
    uint32_t printed = fingerprint(answer, (size_t)(at - answer));
    at = put32(put16(put16(at, FINGERPRINT), 4), printed);
    return (size_t)(at - answer);
}
