#!/usr/bin/env bash
# Builds paceline as one file and installs it, with man pages and completions for bash, zsh and fish.
#
# usage: scripts/install.sh [--prefix DIR]               into DIR/bin and DIR/share; default: /usr/local for root, else
#                                                        ~/.local
#        scripts/install.sh --uninstall [--prefix DIR]   removes what was installed there
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
    echo "usage: scripts/install.sh [--uninstall] [--prefix DIR]" >&2
    exit 2
}

say() {
    echo "install.sh: $*" >&2
}

if ((EUID == 0)); then prefix=/usr/local; else prefix=$HOME/.local; fi
uninstalls=false
while (($# > 0)); do
    case $1 in
        --prefix)
            if (($# < 2)) || [[ -z $2 ]]; then usage; fi
            prefix=$2
            shift
            ;;
        --prefix=?*) prefix=${1#*=} ;;
        --uninstall) uninstalls=true ;;
        *) usage ;;
    esac
    shift
done

completions=(
    bash:share/bash-completion/completions/paceline
    zsh:share/zsh/site-functions/_paceline
    fish:share/fish/vendor_completions.d/paceline.fish
)
man=share/man/man1

if $uninstalls; then
    if ! [[ -e $prefix/bin/paceline ]]; then
        say "there is no $prefix/bin/paceline"
        exit 1
    fi
    rm -f "$prefix/bin/paceline" "${completions[@]/#*:/$prefix/}" "$prefix/$man/paceline.1" "$prefix/$man"/paceline-*.1
    say "removed paceline from $prefix"
    exit
fi

if ! mkdir -p "$prefix/bin" 2>/dev/null || ! [[ -w $prefix/bin ]]; then
    say "$prefix/bin cannot be written: name another place with --prefix"
    exit 1
fi
say "building (a few minutes the first time)"
program=$(scripts/build-one-file.sh)
# Replaced by renaming, for it may be running.
install -m 755 "$program" "$prefix/bin/.paceline.new"
mv "$prefix/bin/.paceline.new" "$prefix/bin/paceline"
for completion in "${completions[@]}"; do
    file=$prefix/${completion#*:}
    mkdir -p "$(dirname "$file")"
    "$prefix/bin/paceline" --generate-completion-script "${completion%%:*}" >"$file"
done
mkdir -p "$prefix/$man"
scripts/man.py "$prefix/bin/paceline" "$prefix/$man"

say "installed $prefix/bin/paceline"
if ! [[ :$PATH: == *:$prefix/bin:* ]]; then
    say "$prefix/bin is not on your PATH: add it, or type the whole path"
fi
