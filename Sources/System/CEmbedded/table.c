#include "CEmbedded.h"

#define FILE(symbol, path) extern const unsigned char embedded_##symbol[], embedded_##symbol##_end[];
#include "files.h"
#undef FILE

embedded_file embedded_file_at(size_t index) {
    const struct {
        const char *path;
        const unsigned char *begin, *end;
    } files[] = {
#define FILE(symbol, path) {path, embedded_##symbol, embedded_##symbol##_end},
#include "files.h"
#undef FILE
    };
    return (embedded_file){files[index].path, files[index].begin, (size_t)(files[index].end - files[index].begin)};
}

size_t embedded_file_count(void) {
    return 0
#define FILE(symbol, path) +1
#include "files.h"
        ;
}
