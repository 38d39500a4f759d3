// Takes each file in as it is, on pages of its own. Package.swift makes `cluster` a search path.
//
// SwiftPM does not see that this depends on the files: touch it when one of them has changed. EmbeddedFilesTests compare.

.section .rodata.embedded, "a"

#define FILE(symbol, path) \
    .balign 4096; \
    .hidden embedded_##symbol; \
    .hidden embedded_##symbol##_end; \
    .global embedded_##symbol; \
    .global embedded_##symbol##_end; \
    embedded_##symbol: .incbin path; \
    embedded_##symbol##_end:
#include "files.h"

.section .note.GNU-stack, ""
