// libzmq's C interface for Swift, and the two calls of Linux that Swift's Glibc module leaves out and a polling thread
// needs. Transport is the only target that may import it.
#ifndef PACELINE_CZEROMQ_SHIM_H
#define PACELINE_CZEROMQ_SHIM_H

#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <zmq.h>

// Names the calling thread; Linux keeps 15 bytes. (prctl takes variable arguments, which Swift cannot pass.)
static inline int paceline_name_thread(const char *name) {
    return prctl(PR_SET_NAME, name, 0, 0, 0);
}

#endif
