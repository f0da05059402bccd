/* Connectivity checks of a peer that is where it was: read, verified, answered (RFC 8445 7.3).
 *
 * The same as bridge/rtp/stun.py, byte for byte; whatever is not such a check is left to that.
 * Knows no socket, and keeps nothing.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stddef.h>
#include <stdint.h>

#define CHECK_LONGEST 548 /* bytes of a check; STUN's own bound without knowing the path's MTU */
#define CHECK_ANSWER 80   /* bytes that an answer may take */
#define CHECK_UFRAG 32
#define CHECK_PASSWORD 64 /* one block of SHA-1 */

/* Credentials as they were given to the peer. */
typedef struct {
    size_t ufrag_size;
    size_t password_size;
    uint8_t ufrag[CHECK_UFRAG];
    uint8_t password[CHECK_PASSWORD];
} check_key;

/* Write the answer to a check that one of the keys signed, and that came from name, a sockaddr;
 * return its size. 0: it is none. */
size_t check_answer(const uint8_t *data, size_t size, const check_key *keys, size_t count,
                    const uint8_t *name, size_t name_size, uint8_t answer[CHECK_ANSWER]);

#endif
