#include "CDescriptors.h"

#include <fcntl.h>
#include <unistd.h>

static int open_at_start[3];

// Before main: the runtime opens descriptors of its own, and takes the lowest that are free.
__attribute__((constructor)) static void keep_closed(void) {
    for (int descriptor = 0; descriptor < 3; descriptor++) {
        open_at_start[descriptor] = fcntl(descriptor, F_GETFD) != -1;
        if (!open_at_start[descriptor]) {
            // Standard input cannot be read, and the other two cannot be written.
            (void)!open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        }
    }
}

int descriptor_was_open(int descriptor) { return open_at_start[descriptor]; }
