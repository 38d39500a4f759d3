// libzmq's C interface for Swift, and the few calls of Linux that Swift's Glibc module leaves out and a polling thread
// needs. Transport is the only target that may import it.
#ifndef PACELINE_CZEROMQ_SHIM_H
#define PACELINE_CZEROMQ_SHIM_H

#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <zmq.h>

// Names the calling thread; Linux keeps 15 bytes. (prctl takes variable arguments, which Swift cannot pass.)
static inline int paceline_name_thread(const char *name) {
    return prctl(PR_SET_NAME, name, 0, 0, 0);
}

// Sets how long the calling thread, and those it starts, run at a time where others wait; 0: as the system has it. The
// shorter, the sooner a thread that wakes gets its turn. Linux before 6.12 takes no notice. (glibc has no sched_setattr.)
static inline int paceline_set_slice(uint64_t nanoseconds) {
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } attributes = {sizeof attributes, 0, 0, getpriority(PRIO_PROCESS, 0), 0, nanoseconds, 0, 0};
    return (int)syscall(SYS_sched_setattr, 0, &attributes, 0);
}

#endif
