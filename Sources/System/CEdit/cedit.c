#include "cedit.h"

#include <dlfcn.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// Of <histedit.h> of libedit.so.2, whose interface is fixed by that number.
enum { SET_PROMPT = 0, SET_EDITOR = 2, SET_SIGNAL = 3, SET_BIND = 4, SET_TTY = 8, SET_HISTORY = 10, SET_READER = 13 };
enum { SET_CLIENT_DATA = 14, SET_PREPARED = 16, REFRESH = 20 };
enum { HISTORY_SIZE = 1, HISTORY_ENTER = 10, HISTORY_UNIQUE = 20 };

struct history_event {
    int number;
    const char *text;
};

struct paceline_edit {
    void *library;
    void *editor;
    void *history;
    const char *prompt;
    paceline_edit_reader reader;
    void *context;
    void *(*init)(const char *, FILE *, FILE *, FILE *, int, int, int);
    void (*end)(void *);
    int (*set)(void *, int, ...);
    int (*get)(void *, int, ...);
    const char *(*gets)(void *, int *);
    void (*resize)(void *);
    void *(*history_init)(void);
    void (*history_end)(void *);
    int (*history_call)(void *, struct history_event *, int, ...);
};

static paceline_edit *owner(void *editor, int (*get)(void *, int, ...)) {
    void *data = NULL;
    get(editor, SET_CLIENT_DATA, &data);
    return data;
}

// libedit calls these with its editor alone; there is one in a process.
static int (*get_client_data)(void *, int, ...);

static char *shown_prompt(void *editor) { return (char *)owner(editor, get_client_data)->prompt; }

static int next_character(void *editor, wchar_t *character) {
    paceline_edit *edit = owner(editor, get_client_data);
    return edit->reader(edit->context, character);
}

static bool find_functions(paceline_edit *edit) {
    edit->library = dlopen("libedit.so.2", RTLD_NOW | RTLD_LOCAL);
    if (edit->library == NULL) return false;
    *(void **)&edit->init = dlsym(edit->library, "el_init_fd");
    *(void **)&edit->end = dlsym(edit->library, "el_end");
    *(void **)&edit->set = dlsym(edit->library, "el_set");
    *(void **)&edit->get = dlsym(edit->library, "el_get");
    *(void **)&edit->gets = dlsym(edit->library, "el_gets");
    *(void **)&edit->resize = dlsym(edit->library, "el_resize");
    *(void **)&edit->history_init = dlsym(edit->library, "history_init");
    *(void **)&edit->history_end = dlsym(edit->library, "history_end");
    *(void **)&edit->history_call = dlsym(edit->library, "history");
    return edit->init && edit->end && edit->set && edit->get && edit->gets && edit->resize && edit->history_init &&
           edit->history_end && edit->history_call;
}

paceline_edit *paceline_edit_open(int history, paceline_edit_reader reader, void *context) {
    paceline_edit *edit = calloc(1, sizeof *edit);
    if (edit == NULL) return NULL;
    edit->reader = reader;
    edit->context = context;
    edit->prompt = "";
    // libedit's characters are those of the locale.
    setlocale(LC_CTYPE, "C.UTF-8");
    if (find_functions(edit)) {
        get_client_data = edit->get;
        edit->history = edit->history_init();
        edit->editor = edit->init("paceline", stdin, stderr, stderr, STDIN_FILENO, STDERR_FILENO, STDERR_FILENO);
    }
    if (edit->editor == NULL || edit->history == NULL) {
        paceline_edit_close(edit);
        return NULL;
    }
    struct history_event event;
    edit->history_call(edit->history, &event, HISTORY_SIZE, history);
    edit->history_call(edit->history, &event, HISTORY_UNIQUE, 1);
    edit->set(edit->editor, SET_CLIENT_DATA, (void *)edit);
    edit->set(edit->editor, SET_PROMPT, shown_prompt);
    edit->set(edit->editor, SET_EDITOR, "emacs");
    edit->set(edit->editor, SET_SIGNAL, 0);
    edit->set(edit->editor, SET_HISTORY, edit->history_call, edit->history);
    edit->set(edit->editor, SET_READER, next_character);
    // The keys that would be signals come as characters, so that the reader decides.
    edit->set(edit->editor, SET_TTY, "-d", "-isig", (char *)NULL);
    edit->set(edit->editor, SET_BIND, "^R", "em-inc-search-prev", (char *)NULL);
    return edit;
}

const char *paceline_edit_line(paceline_edit *edit, const char *prompt) {
    edit->prompt = prompt;
    edit->resize(edit->editor);
    int count = 0;
    const char *line = edit->gets(edit->editor, &count);
    return count > 0 ? line : NULL;
}

void paceline_edit_remember(paceline_edit *edit, const char *line) {
    struct history_event event;
    edit->history_call(edit->history, &event, HISTORY_ENTER, line);
}

void paceline_edit_suspend(paceline_edit *edit) { edit->set(edit->editor, SET_PREPARED, 0); }

void paceline_edit_resume(paceline_edit *edit) {
    edit->set(edit->editor, SET_PREPARED, 1);
    edit->resize(edit->editor);
    edit->set(edit->editor, REFRESH);
}

void paceline_edit_close(paceline_edit *edit) {
    if (edit->editor != NULL) edit->end(edit->editor);
    if (edit->history != NULL) edit->history_end(edit->history);
    if (edit->library != NULL) dlclose(edit->library);
    free(edit);
}
