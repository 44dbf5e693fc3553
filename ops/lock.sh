#!/bin/sh
# Recompiles the hash-locked requirements. `make lock` keeps what is locked and adds what is new;
# `make lock UPGRADE=1` takes the newest versions that the project files allow.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
upgrade=
if [ -n "${UPGRADE:-}" ]; then upgrade=--upgrade; fi

# compile DIRECTORY PYTHON OUTPUT ARGUMENT...
# Hashes of every build of a version are written, so only the choice of versions is for Linux on
# x86-64. No line may name where packages come from: every site has its own mirror.
compile() {
    directory=$1 python=$2 output=$3
    shift 3
    echo "lock: $directory/$output"
    (
        cd "$directory"
        UV_CUSTOM_COMPILE_COMMAND="make lock" "$root/.venvs/tools/bin/uv" pip compile --quiet \
            --generate-hashes --no-emit-index-url --no-emit-find-links \
            --python-platform x86_64-manylinux_2_28 --python-version "$python" \
            $upgrade "$@" -o "$output" >/dev/null
    )
}

compile ops 3.12 tools.txt tools.in
compile . 3.10 requirements.txt pyproject.toml
compile . 3.10 requirements-dev.txt pyproject.toml --group dev -c requirements.txt
compile desk 3.12 requirements.txt pyproject.toml
compile desk 3.12 requirements-dev.txt pyproject.toml --group dev -c requirements.txt
# What the bench compares with: the bot's own Rasa, and spaCy beside it.
compile ops/bench 3.10 requirements.txt requirements.in -c ../../requirements.txt
