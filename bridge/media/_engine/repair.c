#define _GNU_SOURCE
#include "repair.h"

#include <stdlib.h>
#include <string.h>

void repair_begin(repair_slot *slot)
{
    memset(slot, 0, sizeof *slot);
    repair_anew(slot);
}

void repair_anew(repair_slot *slot)
{
    slot->tokens = REPAIR_START;
    slot->budgeted = slot->sink.octets;
    if (slot->memory != NULL) {
        slot->memory->since = -REPAIR_INTERVAL_S;
        slot->memory->counts[0] = slot->memory->counts[1] = 0;
    }
}

void repair_end(repair_slot *slot)
{
    free(slot->memory);
    slot->memory = NULL;
    slot->count = 0;
}

/* Where in one half the number is; its count: it is not there. */
static size_t place_of(const repair_memory *memory, unsigned half, uint16_t sequence)
{
    size_t place = memory->counts[half];
    for (size_t index = 0; index < memory->counts[half]; index++)
        if (memory->sequences[half][index] == sequence)
            place = index;
    return place;
}

static int repeated_of_late(const repair_memory *memory, uint16_t sequence, double now)
{
    unsigned newer = memory->newer, half = newer;
    size_t place = place_of(memory, half, sequence);
    if (place == memory->counts[half]) {
        half = 1 - newer;
        place = place_of(memory, half, sequence);
    }
    return place < memory->counts[half] && now - memory->at[half][place] < REPAIR_INTERVAL_S;
}

static void remember(repair_memory *memory, uint16_t sequence, double now)
{
    if (now - memory->since >= REPAIR_INTERVAL_S ||
        memory->counts[memory->newer] >= REPAIR_REMEMBERED) {
        memory->since = now;
        memory->newer = 1 - memory->newer;
        memory->counts[memory->newer] = 0;
    }
    unsigned half = memory->newer;
    size_t place = place_of(memory, half, sequence);
    memory->sequences[half][place] = sequence;
    memory->at[half][place] = now;
    if (place == memory->counts[half])
        memory->counts[half]++;
}

int repair_allows(repair_slot *slot, uint16_t sequence, size_t size, double now)
{
    double tokens = slot->tokens + (double)(slot->sink.octets - slot->budgeted) * REPAIR_SHARE;
    slot->tokens = tokens < REPAIR_BURST ? tokens : REPAIR_BURST;
    slot->budgeted = slot->sink.octets;
    if (slot->memory != NULL && repeated_of_late(slot->memory, sequence, now))
        return 0;
    if ((double)size > slot->tokens)
        return 0;
    if (slot->memory == NULL) {
        slot->memory = calloc(1, sizeof *slot->memory);
        if (slot->memory == NULL)
            return 0;
        slot->memory->since = -REPAIR_INTERVAL_S;
    }
    slot->tokens -= (double)size;
    slot->resent += size;
    slot->resent_packets++;
    remember(slot->memory, sequence, now);
    return 1;
}

const repair_segment *repair_locate(const repair_slot *slot, uint16_t sequence, int64_t newest,
                                    int64_t *number)
{
    int64_t wanted = newest - (uint16_t)((uint64_t)newest - sequence);
    for (size_t index = slot->count; index-- > 0;) {
        const repair_segment *segment = &slot->segments[index];
        *number = wanted - segment->sequence;
        if (*number >= segment->first)
            return *number <= segment->last ? segment : NULL;
    }
    return NULL;
}

size_t repair_overhead(const repair_slot *slot)
{
    const fanout_sink *sink = &slot->sink;
    size_t stamp = sink->before_size != 0 ? FANOUT_STAMP : 0;
    return FANOUT_HEADER + sink->before_size + stamp + sink->after_size;
}
