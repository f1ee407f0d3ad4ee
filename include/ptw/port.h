/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/port.h - what ptw needs from its surroundings: nothing but a C11 compiler.
 *
 * Every other header and source of the core includes this one and nothing else. It uses only the four headers that
 * a freestanding C11 implementation has to offer. A kernel that has its own fixed-width types or its own assertion
 * defines PTW_PORT_HEADER to the name of a header of its own (`-DPTW_PORT_HEADER='"ptw_port_linux.h"'`), which is
 * read first; whatever that header defines is left alone here:
 *
 *   PTW_PORT_TYPES    the header provides uint8_t ... uint64_t, uintptr_t, size_t, bool, NULL
 *   PTW_ASSERT(cond)  the assertion hook; the default traps in debug builds and is nothing with NDEBUG
 *   PTW_LOAD ...      the entry atomics below, as a group
 *   PTW_FENCE ...     what epochs and locks need beyond them, as a group
 *   PTW_PAUSE_WHILE   what a waiting thread does between two looks
 */
#ifndef PTW_PORT_H
#define PTW_PORT_H

#ifdef PTW_PORT_HEADER
#include PTW_PORT_HEADER
#endif

#ifndef PTW_PORT_TYPES
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#endif

/* The engine is specialised by inlining it whole into each format: see src/walk/ops.h. */
#define PTW_INLINE static inline __attribute__((always_inline))
#define PTW_NOINLINE __attribute__((noinline))
#define PTW_COLD __attribute__((noinline, cold))
#define PTW_LIKELY(c) __builtin_expect(!!(c), 1)
#define PTW_UNLIKELY(c) __builtin_expect(!!(c), 0)

#ifndef PTW_ASSERT
#ifdef NDEBUG
#define PTW_ASSERT(cond) ((void)0)
#else
#define PTW_ASSERT(cond) ((cond) ? (void)0 : __builtin_trap())
#endif
#endif

/*
 * Entry atomics. Hardware reads entries at any moment and sets A and D in them, so that every access to a live entry
 * is a single access of its full width. PTW_LOAD is relaxed: a child is reached through the address in the word, and
 * every target orders a load after the load that its address came from. PTW_PUBLISH pairs with the hardware walker
 * and with software that follows the entry: what was stored before (a filled table) is seen by whoever sees the
 * entry. PTW_EXCHANGE and PTW_COMPARE_EXCHANGE pair with the last change of the same entry, whoever made it, and with
 * whoever changes it next: docs/concurrency.md has the table of orders. The widest lock-free entry is PTW_WORD_BYTES_MAX;
 * a wider format can't have live tables here.
 */
#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define PTW_THREAD_SANITIZER
#endif
#endif
#ifdef __SANITIZE_THREAD__
#define PTW_THREAD_SANITIZER
#endif
#ifndef PTW_LOAD
#ifdef PTW_THREAD_SANITIZER /* knows nothing of addresses that a load depends on */
#define PTW_LOAD(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#else
#define PTW_LOAD(p) __atomic_load_n((p), __ATOMIC_RELAXED)
#endif
#define PTW_STORE(p, v) __atomic_store_n((p), (v), __ATOMIC_RELAXED)
#define PTW_PUBLISH(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define PTW_EXCHANGE(p, v) __atomic_exchange_n((p), (v), __ATOMIC_ACQ_REL)
#define PTW_COMPARE_EXCHANGE(p, expected, v)                                                                           \
    __atomic_compare_exchange_n((p), (expected), (v), false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)
#endif
#if defined(__GCC_ATOMIC_LLONG_LOCK_FREE) && __GCC_ATOMIC_LLONG_LOCK_FREE < 2
#define PTW_WORD_BYTES_MAX 4U
#else
#define PTW_WORD_BYTES_MAX 8U
#endif

/*
 * Epochs and range locks, on words of a size_t. PTW_FENCE is a full barrier: it orders a store before a load that comes
 * later. PTW_TAKE_WORD makes a word 1 and says whether it was 0. PTW_PAUSE_WHILE is a hint that *p is v and that somebody
 * else will change it; it may return at any time.
 */
#ifndef PTW_FENCE
#define PTW_FENCE() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define PTW_LOAD_ACQUIRE(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define PTW_TAKE_WORD(p) (__atomic_exchange_n((p), 1U, __ATOMIC_ACQUIRE) == 0)
#endif
#ifndef PTW_PAUSE_WHILE
#define PTW_PAUSE_WHILE(p, v) ((void)(p), (void)(v), ptw_pause())
#endif
#ifdef __has_builtin
#if __has_builtin(__builtin_ia32_pause)
#define PTW_PAUSE() __builtin_ia32_pause()
#elif __has_builtin(__builtin_arm_yield)
#define PTW_PAUSE() __builtin_arm_yield()
#elif __has_builtin(__builtin_riscv_pause)
#define PTW_PAUSE() __builtin_riscv_pause()
#endif
#endif

/* Tells the processor that this thread waits, if the compiler knows how. */
PTW_INLINE void ptw_pause(void)
{
#ifdef PTW_PAUSE
    PTW_PAUSE();
#endif
    __atomic_signal_fence(__ATOMIC_SEQ_CST); /* look again */
}

/* What is written by different threads all the time stands this many bytes apart. */
#ifndef PTW_CACHE_LINE
#define PTW_CACHE_LINE 64
#endif

/* What is no entry and is read and changed by many threads: relaxed, because nothing else depends on it. */
#define PTW_GET(p) __atomic_load_n((p), __ATOMIC_RELAXED)
#define PTW_COUNT_UP(p) ((void)__atomic_fetch_add((p), 1U, __ATOMIC_RELAXED))
#define PTW_COUNT_DOWN(p) ((void)__atomic_fetch_sub((p), 1U, __ATOMIC_RELAXED))

/* Bit helpers. A range of bits is written like in the manuals: high bit first, both inclusive. */
#define PTW_BIT(n) (UINT64_C(1) << (n))
#define PTW_BITS(hi, lo) ((~UINT64_C(0) >> (63U - (hi))) & (~UINT64_C(0) << (lo)))

PTW_INLINE uint64_t ptw_low_mask(unsigned bits)
{
    return bits >= 64U ? ~UINT64_C(0) : (UINT64_C(1) << bits) - 1U;
}

/* The index of the lowest, or of the highest, set bit; the argument is not zero. */
PTW_INLINE unsigned ptw_low_bit(uint64_t v)
{
    return (unsigned)__builtin_ctzll(v);
}

PTW_INLINE unsigned ptw_high_bit(uint64_t v)
{
    return 63U - (unsigned)__builtin_clzll(v);
}

#endif
