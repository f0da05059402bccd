#define _GNU_SOURCE
#include "crew.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    crew *all;
    fanout *table;
    pthread_t thread;
    int runs;
    int busy;       /* out of the lock */
    int unsent;     /* has made something since it last sent */
    int nudged;
    size_t waiting; /* messages */
} helper;

struct crew {
    pthread_mutex_t lock;
    pthread_cond_t wake; /* helpers wait for it */
    pthread_cond_t done; /* the caller does */
    int file;
    int ends;
    const crew_round *round;
    uint8_t lane_of[CREW_ROUND];
    size_t lanes, next, made; /* of this round */
    fanout_result result;     /* not yet told */
    size_t count;
    helper helpers[CREW_MOST];
};

static void add(fanout_result *to, const fanout_result *more)
{
    to->packets += more->packets;
    to->bytes += more->bytes;
    to->refused += more->refused;
    to->failed += more->failed;
    to->full += more->full;
    to->misfits += more->misfits;
}

static void tell(crew *all, fanout_result *result)
{
    add(result, &all->result);
    memset(&all->result, 0, sizeof all->result);
}

static void make_lane(crew *all, fanout *table, size_t lane, fanout_result *result)
{
    const crew_round *round = all->round;
    for (size_t place = 0; place < round->sink_count; place++)
        for (size_t index = 0; all->lane_of[place] == lane && index < round->packet_count; index++)
            fanout_forward(table, all->file, &round->packets[index]->packet,
                           &round->sinks[place], 1, result);
}

/* Take a lane and make it; the lock is held before and after. */
static void make_next(crew *all, fanout *table)
{
    fanout_result result = {0};
    size_t lane = all->next++;
    pthread_mutex_unlock(&all->lock);
    make_lane(all, table, lane, &result);
    pthread_mutex_lock(&all->lock);
    add(&all->result, &result);
    all->made++;
}

static void send_own(helper *one)
{
    crew *all = one->all;
    fanout_result result = {0};
    one->unsent = one->nudged = 0;
    pthread_mutex_unlock(&all->lock);
    size_t waiting = fanout_flush(one->table, all->file, &result);
    pthread_mutex_lock(&all->lock);
    one->waiting = waiting;
    add(&all->result, &result);
}

static void *help(void *argument)
{
    helper *one = argument;
    crew *all = one->all;
    pthread_mutex_lock(&all->lock);
    while (!all->ends) {
        one->busy = 1;
        if (all->next < all->lanes) {
            one->unsent = 1;
            make_next(all, one->table);
        } else if (one->unsent || one->nudged) {
            send_own(one);
        } else {
            one->busy = 0;
            pthread_cond_wait(&all->wake, &all->lock);
            continue;
        }
        one->busy = 0;
        pthread_cond_signal(&all->done);
    }
    pthread_mutex_unlock(&all->lock);
    return NULL;
}

crew *crew_new(size_t helpers, int file, fanout_protect protect, fanout_send send)
{
    crew *all = calloc(1, sizeof *all);
    if (all == NULL)
        return NULL;
    all->file = file;
    pthread_mutex_init(&all->lock, NULL);
    pthread_cond_init(&all->wake, NULL);
    pthread_cond_init(&all->done, NULL);
    while (all->count < helpers && all->count < CREW_MOST) {
        helper *one = &all->helpers[all->count++];
        one->all = all;
        one->table = fanout_new(protect, send);
        one->runs = one->table != NULL && pthread_create(&one->thread, NULL, help, one) == 0;
        if (!one->runs) {
            crew_free(all);
            return NULL;
        }
    }
    return all;
}

void crew_free(crew *all)
{
    if (all == NULL)
        return;
    pthread_mutex_lock(&all->lock);
    all->ends = 1;
    pthread_cond_broadcast(&all->wake);
    pthread_mutex_unlock(&all->lock);
    for (size_t index = 0; index < all->count; index++) {
        if (all->helpers[index].runs)
            pthread_join(all->helpers[index].thread, NULL);
        fanout_free(all->helpers[index].table);
    }
    pthread_mutex_destroy(&all->lock);
    pthread_cond_destroy(&all->wake);
    pthread_cond_destroy(&all->done);
    free(all);
}

/* Give each context a lane: they are numbered as they come, so that few lanes are empty. */
static void divide(crew *all, const crew_round *round)
{
    size_t contexts = 0;
    for (size_t place = 0; place < round->sink_count; place++) {
        size_t same = 0;
        while (same < place && round->sinks[same]->context != round->sinks[place]->context)
            same++;
        all->lane_of[place] =
            same < place ? all->lane_of[same] : (uint8_t)(contexts++ % CREW_LANES);
    }
    all->lanes = contexts < CREW_LANES ? contexts : CREW_LANES;
}

/* Wait until what helpers made has left, or a full socket keeps it. */
static void wait_for_helpers(crew *all)
{
    for (size_t index = 0; index < all->count; index++) {
        const helper *one = &all->helpers[index];
        while (one->busy || one->unsent || one->nudged)
            pthread_cond_wait(&all->done, &all->lock);
    }
}

void crew_make(crew *all, fanout *own, const crew_round *round, fanout_result *result)
{
    pthread_mutex_lock(&all->lock);
    wait_for_helpers(all); /* else a viewer's packets could pass one another */
    all->round = round;
    divide(all, round);
    all->next = all->made = 0;
    pthread_cond_broadcast(&all->wake);
    while (all->next < all->lanes)
        make_next(all, own);
    while (all->made < all->lanes)
        pthread_cond_wait(&all->done, &all->lock);
    all->lanes = all->next = 0;
    tell(all, result);
    pthread_mutex_unlock(&all->lock);
}

void crew_nudge(crew *all)
{
    pthread_mutex_lock(&all->lock);
    for (size_t index = 0; index < all->count; index++)
        all->helpers[index].nudged |= all->helpers[index].waiting != 0;
    pthread_cond_broadcast(&all->wake);
    pthread_mutex_unlock(&all->lock);
}

void crew_settle(crew *all, fanout_result *result)
{
    pthread_mutex_lock(&all->lock);
    wait_for_helpers(all);
    tell(all, result);
    pthread_mutex_unlock(&all->lock);
}

size_t crew_waiting(crew *all, fanout_result *result)
{
    size_t waiting = 0;
    pthread_mutex_lock(&all->lock);
    tell(all, result);
    for (size_t index = 0; index < all->count; index++)
        waiting += all->helpers[index].waiting;
    pthread_mutex_unlock(&all->lock);
    return waiting;
}
