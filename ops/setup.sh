#!/bin/sh
# Builds the two environments, .venvs/bot and .venvs/desk, from their hash-locked requirements.
#
#   ops/setup.sh        what running the house needs
#   ops/setup.sh dev    that, and what its tests need
#   ops/setup.sh bench  only .venvs/bench: another bot that the bench compares with
#
# Does nothing, in well under a second, when both are up to date.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
what=${1:-run}
log=$root/.venvs/setup.log
needed_megabytes=1000 # for a change of some packages; `make_environment` says what a new one needs

fail() {
    echo "setup: $*" >&2
    exit 1
}

# find_python VERSION: prints the path of an interpreter of that version that really runs. A name
# on the path is not enough: pyenv's placeholder for a version that is not switched on only fails.
find_python() {
    home=${HOME:-/nonexistent}
    for candidate in "$(command -v "python$1" || true)" \
        "${PYENV_ROOT:-$home/.pyenv}"/versions/"$1".*/bin/python \
        "${XDG_DATA_HOME:-$home/.local/share}"/uv/python/cpython-"$1".*/bin/"python$1"; do
        if [ -x "$candidate" ] && "$candidate" -c \
            "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$1')" 2>/dev/null; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    fail "Python $1 is missing: install it, for example with \`pyenv install $1\`," \
        "then run the same command again."
}

# attempt COMMAND...: runs it silently; when it fails, says in one line what to do about it.
attempt() {
    if "$@" >"$log" 2>&1; then return; fi
    if grep -qi 'no space left' "$log"; then
        fail "the disk is full: free about $needed_megabytes MB where $root is, then run it again."
    fi
    if grep -qiE 'hash mismatch|do not match the hashes' "$log"; then
        tail -n 15 "$log" >&2
        fail "a package is not the one that the lock names: it was changed on its way or at its" \
            "index, and nothing was installed from it (the lines above end .venvs/setup.log)."
    fi
    if grep -qiE "dns error|resolution|could not resolve|error sending request|failed to fetch|connection|timed out" "$log"
    then
        fail "the package index cannot be reached: check the network, then run it again" \
            "(details: .venvs/setup.log)."
    fi
    if grep -qi 'ensurepip' "$log"; then
        fail "this Python cannot make environments: install its venv package" \
            "(Debian: python3.12-venv), then run it again."
    fi
    tail -n 15 "$log" >&2
    fail "could not install the packages (the lines above end .venvs/setup.log)."
}

# megabytes_of NAME: what a new environment takes with the installer's cache, measured, rounded up.
megabytes_of() {
    if [ "$1" = desk ]; then echo 1200; else echo 3400; fi
}

check_disk() {
    free_megabytes=$(df -Pm "$root" | awk 'NR == 2 { print $4 }')
    if [ "$free_megabytes" -lt "$needed_megabytes" ]; then
        fail "the disk is too full: $free_megabytes MB are free where $root is, and .venvs/$name" \
            "needs about $needed_megabytes MB."
    fi
}

# The stamp holds the lock itself, and the place, since an environment cannot be moved.
stamp() {
    printf '%s\n' "$root"
    cat "$1"
}

is_current() {
    stamp "$2" | cmp -s - ".venvs/$1/$3.stamp" && ".venvs/$1/bin/python" -c '' 2>/dev/null
}

# show_sources NAME SOURCE...: our own pure packages need no build: a path file shows them to the
# environment as they stand.
show_sources() {
    site_packages=$(echo ".venvs/$1"/lib/python*/site-packages)
    shift
    for source in "$@"; do printf '%s\n' "$root/$source"; done >.venvs/house.pth
    # Replaced whole and only when it changes: another process may be starting right now.
    if cmp -s .venvs/house.pth "$site_packages/house.pth"; then return; fi
    mv .venvs/house.pth "$site_packages/house.pth"
}

# make_environment NAME PYTHON LOCK_DIRECTORY SOURCE...
make_environment() {
    name=$1 version=$2 locks=$3
    shift 3
    lock=$locks/requirements.txt
    if is_current "$name" "$lock" run; then
        if [ "$what" = run ] || is_current "$name" "$locks/requirements-dev.txt" dev; then
            show_sources "$name" "$@" # A new release may bring a room of its own.
            return
        fi
    fi
    installed=$lock
    # Once somebody has run the tests here, their packages stay through a change of the lock.
    if [ "$what" = dev ] || [ -f ".venvs/$name/dev.stamp" ]; then
        installed=$locks/requirements-dev.txt
    fi
    # An `exit` inside $( ) ends only the inner shell.
    python=$(find_python "$version") || exit 1
    if [ ! -d ".venvs/$name" ]; then needed_megabytes=$(megabytes_of "$name"); fi
    check_disk
    make_tools
    echo "setup: installing $installed into .venvs/$name (Python $version)"
    if ! { head -n 1 ".venvs/$name/run.stamp" 2>/dev/null | grep -qxF "$root" &&
        ".venvs/$name/bin/python" -c '' 2>/dev/null; }; then
        attempt "$uv" venv --clear --python "$python" ".venvs/$name"
    fi
    rm -f ".venvs/$name/run.stamp"
    # `sync` takes the lock to the letter and resolves nothing: a dependency that the lock leaves
    # out on purpose stays out.
    attempt "$uv" pip sync --require-hashes --python ".venvs/$name/bin/python" "$installed"
    show_sources "$name" "$@"
    if [ "$installed" != "$lock" ]; then stamp "$installed" >".venvs/$name/dev.stamp"; fi
    stamp "$lock" >".venvs/$name/run.stamp"
}

make_tools() {
    if is_current tools ops/tools.txt run; then return; fi
    tools_python=$(find_python 3.12) || exit 1
    attempt "$tools_python" -m venv --clear .venvs/tools
    attempt .venvs/tools/bin/python -m pip install --quiet --require-hashes -r ops/tools.txt
    stamp ops/tools.txt >.venvs/tools/run.stamp
}

export UV_PYTHON_DOWNLOADS=never # an interpreter is the owner's choice, never a surprise download
uv=$root/.venvs/tools/bin/uv
mkdir -p .venvs
if [ "$what" = tools ]; then make_tools && exit; fi
if [ "$what" = bench ]; then
    what=run
    make_environment bench 3.10 ops/bench
    exit
fi
# Asked for first: who lacks it should not wait for the other environment to learn that.
if [ ! -x .venvs/bot/bin/python ]; then find_python 3.10 >/dev/null || exit 1; fi
make_environment desk 3.12 desk encoder/src knowledge/src safety/src
make_environment bot 3.10 . encoder/src knowledge/src
