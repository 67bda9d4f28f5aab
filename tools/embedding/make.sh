#!/usr/bin/env bash
# Makes the built-in model: tools/embedding/make.sh FOLDER TARGET. See README.md.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
folder=$1 target=$2
mkdir -p "$folder"
for step in corpus texts vocabulary fit; do
  python3 "$here/$step.py" "$folder"
done
python3 "$here/pack.py" "$folder" "$target"
