#!/usr/bin/env python3
"""Runs a command on a terminal of its own for some seconds, stops it, and draws the last screen it showed as SVG.

usage: scripts/measure/screen.py OUTPUT.svg SECONDS COMMAND...

For the picture of `paceline status --watch`. Understands what that program's screens are made of: cursor home, erasing,
bold, dim, green and yellow.
"""
import fcntl
import html
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

ROWS, COLUMNS = 30, 136
CHARACTER, LINE, MARGIN = 8.0, 18, 16
STYLES = {"1": "font-weight:bold", "2": "opacity:.6", "32": "fill:#4caf50", "33": "fill:#d9a400"}
SEQUENCE = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])")


def record(command, seconds):
    """What the command writes within so many seconds."""
    process, terminal = pty.fork()
    if process == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    written, end = b"", time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if select.select([terminal], [], [], left)[0]:
            try:
                written += os.read(terminal, 1 << 16)
            except OSError:
                break
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return written.decode("utf-8", "replace")


def last_screen(written):
    """The lines drawn since the cursor was last sent home, each as runs of (style, text)."""
    lines, style, place = [[]], "", 0
    text = written[written.rfind("\x1b[H") + 3:]
    while place < len(text):
        if found := SEQUENCE.match(text, place):
            if found[2] == "m":
                style = STYLES.get(found[1], "")
            place = found.end()
        elif text[place] == "\n":
            lines.append([])
            place += 1
        else:
            if text[place] != "\r":
                lines[-1].append((style, text[place]))
            place += 1
    return lines


def spans(line):
    """SVG of one line: neighbouring characters of one style together."""
    runs = []
    for style, character in line:
        if not runs or runs[-1][0] != style:
            runs.append([style, ""])
        runs[-1][1] += character
    return "".join(
        f'<tspan{f" style={style!r}" if style else ""}>{html.escape(text)}</tspan>' for style, text in runs)


def draw(lines):
    width = MARGIN * 2 + CHARACTER * max((len(line) for line in lines), default=1)
    height = MARGIN * 2 + LINE * len(lines)
    rows = "\n".join(
        f'<text x="{MARGIN}" y="{MARGIN + LINE * (index + 0.75):.0f}" xml:space="preserve">{spans(line)}</text>'
        for index, line in enumerate(lines))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'font-family="ui-monospace,DejaVu Sans Mono,monospace" font-size="13" fill="#e0e0e0">\n'
        f'<rect width="100%" height="100%" rx="6" fill="#1e1e1e"/>\n{rows}\n</svg>\n')


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(draw(last_screen(record(sys.argv[3:], float(sys.argv[2])))))


if __name__ == "__main__":
    main()
