/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* src/walk/status.c - names of statuses, and the version that was built. */
#include <ptw/ptw.h>

#define TEXT_OF(n) #n
#define TEXT(n) TEXT_OF(n)

const char *ptw_status_name(ptw_status status)
{
    static const char *const names[PTW_STATUSES] = {
        [PTW_OK] = "OK",
        [PTW_SPURIOUS] = "SPURIOUS",
        [PTW_NOMEM] = "NOMEM",
        [PTW_BISECT] = "BISECT",
        [PTW_EXISTS] = "EXISTS",
        [PTW_NOENT] = "NOENT",
        [PTW_DENIED] = "DENIED",
        [PTW_YIELD] = "YIELD",
        [PTW_AGAIN] = "AGAIN",
        [PTW_FAULTED] = "FAULTED",
        [PTW_INVAL] = "INVAL",
        [PTW_RANGE] = "RANGE",
        [PTW_UNSUPPORTED] = "UNSUPPORTED",
    };

    return status < PTW_STATUSES ? names[status] : "?";
}

unsigned ptw_version(void)
{
    return PTW_VERSION;
}

const char *ptw_version_text(void)
{
    return TEXT(PTW_VERSION_MAJOR) "." TEXT(PTW_VERSION_MINOR) "." TEXT(PTW_VERSION_PATCH);
}
