/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/epoch.c - grace periods: a count of epochs, and for each reader the one that it entered in.
 *
 *   the epoch goes on from e to e + 1 only when each reader is outside or entered in e
 *   a token taken in e is over in e + 2
 *
 * Why two: a reader that knows a pointer from before the token entered in e or before, perhaps after somebody had looked at it
 * for the step to e + 1. It was to be seen when the token was made, so that whoever looks for the step to e + 2 sees it.
 */
#include <ptw/epoch.h>

#define INSIDE 1U
#define EPOCH 2U /* bit 0 is for INSIDE, so that epoch 0 is not outside */

/* Who is not gone yet: a word that has to change. */
struct obstacle {
    const size_t *seen;
    size_t value;
};

void ptw_epochs_init(struct ptw_epochs *epochs, struct ptw_epoch_reader *reader, size_t readers)
{
    epochs->reader = reader;
    epochs->readers = readers;
    epochs->relax = NULL;
    epochs->relax_ctx = NULL;
    epochs->now = 0;
    for (size_t i = 0; i < readers; i++) {
        reader[i].seen = 0;
        reader[i].depth = 0;
        reader[i].epochs = epochs;
    }
}

void ptw_epoch_enter(struct ptw_epoch_reader *reader)
{
    if (reader->depth++ != 0)
        return;
    /* Release: who sees that this reader entered in the present epoch takes its last section for ended. Pairs with the
     * acquire in all_entered_in(). */
    PTW_PUBLISH(&reader->seen, PTW_LOAD(&reader->epochs->now) | INSIDE);
    /* Between this store and the section's loads. Pairs with the fences of token() and is_over(): either they see the store,
     * or the section does not see what was unlinked before. */
    PTW_FENCE();
}

void ptw_epoch_leave(struct ptw_epoch_reader *reader)
{
    PTW_ASSERT(reader->depth != 0);
    if (--reader->depth == 0)
        PTW_PUBLISH(&reader->seen, 0U); /* after all of the section; pairs with the acquire in all_entered_in() */
}

static bool all_entered_in(const struct ptw_epochs *epochs, size_t now, struct obstacle *o)
{
    for (size_t i = 0; i < epochs->readers; i++) {
        o->seen = &epochs->reader[i].seen;
        /* Acquire: what ended sections did is before what follows here. Pairs with leave and enter. */
        o->value = PTW_LOAD_ACQUIRE(o->seen);
        if (o->value != 0 && o->value != (now | INSIDE))
            return false;
    }
    return true;
}

/* Makes epochs go by as far as it needs to and can. False: not over, because of the obstacle. */
static bool is_over(struct ptw_epochs *epochs, size_t token, struct obstacle *o)
{
    for (;;) {
        /* Acquire: pairs with the exchange below by whoever saw that the readers had left. */
        size_t now = PTW_LOAD_ACQUIRE(&epochs->now);

        if (token - now - 1U >= 2U * EPOCH)
            return true; /* it is one or two epochs ahead while it is not; wrapping counts do not matter */
        PTW_FENCE();     /* after the load of `now`, before those of the readers: pairs with that of enter */
        if (!all_entered_in(epochs, now, o))
            return false;
        (void)PTW_COMPARE_EXCHANGE(&epochs->now, &now, now + EPOCH); /* or another has done it */
    }
}

/* -------------------------------------------------------------------------------------------------- the hook --- */

static uint64_t token(void *ctx)
{
    const struct ptw_epochs *epochs = ctx;

    PTW_FENCE(); /* after what was unlinked, before the load: pairs with that of enter, and by `now` with is_over()'s */
    return (size_t)(PTW_LOAD(&epochs->now) + 2U * EPOCH);
}

static bool over(void *ctx, uint64_t marked)
{
    struct obstacle o;

    return is_over(ctx, (size_t)marked, &o);
}

static void wait(void *ctx, uint64_t marked)
{
    struct ptw_epochs *epochs = ctx;
    struct obstacle o;

    while (!is_over(epochs, (size_t)marked, &o)) {
        if (epochs->relax != NULL)
            epochs->relax(epochs->relax_ctx);
        else
            PTW_PAUSE_WHILE(o.seen, o.value);
    }
}

void ptw_epochs_reclaim(struct ptw_epochs *epochs, struct ptw_reclaim *reclaim)
{
    reclaim->token = token;
    reclaim->over = over;
    reclaim->wait = wait;
    reclaim->ctx = epochs;
}
