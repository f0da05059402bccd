#include "inbox.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE (64u << 10)
#define USUAL_SIZE (512u << 10)

static size_t aligned(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

static int grow(inbox *one, size_t needed)
{
    size_t size = one->size != 0 ? one->size : FIRST_SIZE;
    while (size - one->used < needed) {
        if (size >= INBOX_MOST)
            return 0;
        size *= 2;
    }
    if (size != one->size) {
        uint8_t *memory = realloc(one->memory, size);
        if (memory == NULL)
            return 0;
        one->memory = memory;
        one->size = size;
    }
    return 1;
}

int inbox_put(inbox *one, const inbox_record *record, const uint8_t *data)
{
    size_t needed = sizeof *record + aligned(record->size);
    if (one->size - one->used < needed && !grow(one, needed))
        return 0;
    memcpy(one->memory + one->used, record, sizeof *record);
    if (record->size != 0)
        memcpy(one->memory + one->used + sizeof *record, data, record->size);
    one->used += needed;
    return 1;
}

const inbox_record *inbox_next(inbox *one, const uint8_t **data)
{
    if (one->read >= one->used)
        return NULL;
    const inbox_record *record = (const inbox_record *)(const void *)(one->memory + one->read);
    *data = one->memory + one->read + sizeof *record;
    one->read += sizeof *record + aligned(record->size);
    return record;
}

void inbox_clear(inbox *one)
{
    one->used = one->read = 0;
    if (one->size > USUAL_SIZE)
        inbox_free(one);
}

void inbox_free(inbox *one)
{
    free(one->memory);
    memset(one, 0, sizeof *one);
}
