// The files that come with the program, in its read-only data: the demo model and GPT-2's vocabulary.
#ifndef CEMBEDDED_H
#define CEMBEDDED_H

#include <stddef.h>

typedef struct {
    /// Below `cluster/` of the repository.
    const char *path;
    const unsigned char *bytes;
    size_t count;
} embedded_file;

/// How many files there are.
size_t embedded_file_count(void);

/// The file with this index, which must be below the count.
embedded_file embedded_file_at(size_t index);

#endif
