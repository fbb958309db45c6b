/* Three guards that a build may leave out, one at a time, to prove that tests notice: -DHESHI_WITHOUT=fence, sequence
 * or timer-generation for CMake. A service of such a build says so loudly at its start, and it cannot be installed. */
#ifndef DSP_GUARDS_H
#define DSP_GUARDS_H

#ifdef HESHI_WITHOUT_FENCE
#define DSP_GUARD_FENCE 0
#else
#define DSP_GUARD_FENCE 1 /* a transaction is taken only from the owner of its lanes, rows only as they were loaded */
#endif

#ifdef HESHI_WITHOUT_SEQUENCE
#define DSP_GUARD_SEQUENCE 0
#else
#define DSP_GUARD_SEQUENCE 1 /* numbers of lanes and of cases: what was applied is dropped, a gap is waited out */
#endif

#ifdef HESHI_WITHOUT_TIMER_GENERATION
#define DSP_GUARD_TIMER_GENERATION 0
#else
#define DSP_GUARD_TIMER_GENERATION 1 /* a firing counts for the wait that it was set for */
#endif

#ifdef HESHI_WITHOUT
#define DSP_GUARD_ABSENT HESHI_WITHOUT
#else
#define DSP_GUARD_ABSENT "" /* nothing is left out */
#endif

#endif
