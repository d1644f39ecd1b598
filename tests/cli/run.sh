#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh - drives the real policyctl and the real daemon (on a fake kernel): exit codes and exact messages.
# usage: tests/cli/run.sh BIN-DIR   (as root: the daemon trusts root's policies only)
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck disable=SC2034
bin=$(cd "${1:?usage: run.sh BIN-DIR}" && pwd -P)
for name in policyctl portcullisd-fake; do
	[[ -x $bin/$name ]] || { echo "run.sh: $bin/$name is not built"; exit 1; }
done
[[ $(id -u) -eq 0 ]] || { echo 'run.sh: needs root, as the daemon does'; exit 1; }
work=$(mktemp -d /tmp/portcullis-cli.XXXXXX)
# shellcheck disable=SC2034
socket=$work/run/control.sock
passed=0 failed=0 daemon=''
export PORTCULLIS_FAKE=$work/fake NO_COLOR=1 LC_ALL=C.UTF-8

cleanup()
{
	[[ -z $daemon ]] || kill -KILL "$daemon" 2>/dev/null
	rm -rf "$work"
}
trap cleanup EXIT

for file in "$here"/lib.sh "$here"/[0-9]*.sh; do
	# shellcheck source=/dev/null
	. "$file"
done

echo "cli: $passed passed, $failed failed"
[[ $failed -eq 0 ]]
