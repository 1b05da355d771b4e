#!/usr/bin/env bash
# Makes verification/.venv with the packages that the adapters judge, at pinned versions. With --torch also those that need torch (about 6 GB: the wheel for
# Linux brings its GPU libraries along). PYTHON chooses the interpreter; the committed results come from Python 3.11.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
environment="$here/../.venv"
"${PYTHON:-python3.11}" -m venv "$environment"
"$environment/bin/pip" install --quiet --upgrade pip
"$environment/bin/pip" install --quiet --prefer-binary --requirement "$here/requirements.txt"
if [ "${1:-}" = "--torch" ]; then
    "$environment/bin/pip" install --quiet --prefer-binary --requirement "$here/requirements-torch.txt"
fi
