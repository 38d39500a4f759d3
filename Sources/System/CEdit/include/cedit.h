// Debian's libedit (BSD licence) for Swift, which cannot call its variadic functions. It is looked for when the program
// runs, so that the program also does without it, and needs nothing of it to be built. Console is the only target that
// may import it.
#ifndef PACELINE_CEDIT_H
#define PACELINE_CEDIT_H

#include <stdbool.h>
#include <wchar.h>

// An editor of the lines that are typed into standard input and shown on standard error, with its history.
typedef struct paceline_edit paceline_edit;

// Gives the next character in *character: 1; the end of the input: 0; or ends the line without a result: -1.
typedef int (*paceline_edit_reader)(void *context, wchar_t *character);

// Makes an editor that remembers so many lines; NULL where there is no libedit, or it cannot use the terminal. `reader` is
// called with `context` for each character, within paceline_edit_line.
paceline_edit *paceline_edit_open(int history, paceline_edit_reader reader, void *context);

// Reads a line behind `prompt`: UTF-8, with its newline, valid until the next call; NULL at the end of the input, or
// where the reader ended it.
const char *paceline_edit_line(paceline_edit *edit, const char *prompt);

// Adds a line to the history.
void paceline_edit_remember(paceline_edit *edit, const char *line);

// Within the reader: gives the terminal back as it was, or takes it again and shows the line.
void paceline_edit_suspend(paceline_edit *edit);
void paceline_edit_resume(paceline_edit *edit);

void paceline_edit_close(paceline_edit *edit);

#endif
