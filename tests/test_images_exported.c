/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The bytes of an exported image are the same on every host: for every format a table with a bit of everything is
 * exported, and tests/data/image.tsv has the hash of each case (recorded.h says how it is written).
 */
#include "recorded.h"

#include "image_stream.h"

static struct recorded recorded = {.program = "test_images_exported", .file = "image.tsv"};

static void images_are_the_same_bytes_everywhere(struct fixture *f)
{
    struct stream s;

    fill(f);
    export_whole(f, &s);
    recorded_compare(&recorded, f->kase->name, hash_bytes(HASH_START, s.bytes, s.used));
    free(s.bytes);
}

int main(void)
{
    static const struct format_test tests[] = {
        {"images_are_the_same_bytes_everywhere", images_are_the_same_bytes_everywhere, NULL},
    };
    return recorded_run(&recorded, "images exported", tests, COUNT(tests));
}
