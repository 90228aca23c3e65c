# Sourced by the other scripts.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
started=$SECONDS

say() { printf '\033[1m[%3ds] %s\033[0m\n' "$((SECONDS - started))" "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# Prints the comment block at the top of the calling script.
show_help() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"; }

# Runs a command as root: directly, or by sudo.
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
