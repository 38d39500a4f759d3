#ifndef CDESCRIPTORS_H
#define CDESCRIPTORS_H

/// Whether this standard descriptor (0, 1 or 2) was open when the process started. One that was not is kept from becoming
/// that of a file or socket: it refuses what it is meant for.
int descriptor_was_open(int descriptor);

#endif
