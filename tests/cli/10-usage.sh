# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 10-usage.sh - words that are wrong, and help.

claim 'policyctl without a verb says what to do'
run "$bin/policyctl"
is_code 1
is err "$err" "policyctl: no verb; see policyctl help"

claim 'unknown verbs get a suggestion'
ctl relaod
is_code 1
is err "$err" "policyctl: unknown verb 'relaod'; did you mean 'reload'?"

claim 'unknown options get a suggestion'
ctl status --jsn
is_code 1
is err "$err" "policyctl: unknown option '--jsn'; did you mean '--json'?"

claim 'unknown letters are told'
ctl log -x
is_code 1
is err "$err" "policyctl: unknown option '-x'; see policyctl help"

claim 'an option that the verb does not take is refused'
ctl reload --json
is_code 1
is err "$err" "policyctl: reload takes no --json; usage: policyctl reload [--confirm-within TIME] [--force]"

claim 'a missing value is told'
run "$bin/policyctl" check --root
is_code 1
is err "$err" "policyctl: --root needs a value"

claim 'too few and too many arguments are told with the usage'
ctl check
is_code 1
is err "$err" "policyctl: too few arguments for check; usage: policyctl check [--root DIR] [--lifeline] FILE|DIR"
ctl status now
is_code 1
is err "$err" "policyctl: too many arguments for status; usage: policyctl status [--json]"

claim 'a count must be a number'
ctl log -n ten
is_code 1
is err "$err" "policyctl: 'ten' is not a number of lines"
ctl log -n -1
is_code 1

claim 'a mode is audit or policy, and never stricter'
ctl mode adit
is_code 1
is err "$err" "policyctl: unknown mode 'adit'; did you mean 'audit'?"
ctl mode enforce
is_code 1
is err "$err" "policyctl: nothing on the command line makes a policy stricter; write mode = enforce into it"

claim 'every verb has help, by both ways, within 80 columns'
for verb in check explain print replay learn reload status mode log top report run attach ps rules help; do
	ctl help "$verb"
	is_code 0
	has out "$out" "usage: policyctl $verb"
	first=$out
	ctl "$verb" --help
	is_code 0
	is out "$out" "$first"
	is columns "$(awk 'length > 80' <<<"$first")" ''
done
ctl help
is_code 0
has out "$out" 'usage: policyctl \[--socket PATH\] VERB'
is columns "$(awk 'length > 80' <<<"$out")" ''
ctl help chekc
is_code 1
is err "$err" "policyctl: unknown verb 'chekc'; did you mean 'check'?"

claim 'versions are shown'
run "$bin/policyctl" --version
is_code 0
has out "$out" 'policyctl [0-9]'
run "$bin/portcullisd-fake" --version
is_code 0
has out "$out" 'portcullisd [0-9]'

claim 'the daemon tells wrong options'
run "$bin/portcullisd-fake"
is_code 1
is err "$err" 'portcullisd: --policy FILE is missing; see portcullisd --help'
run "$bin/portcullisd-fake" --polcy x
is_code 1
is err "$err" "portcullisd: unknown option '--polcy'; did you mean '--policy'?"
run "$bin/portcullisd-fake" --policy
is_code 1
is err "$err" 'portcullisd: --policy needs a value'
run "$bin/portcullisd-fake" --policy x y
is_code 1
is err "$err" "portcullisd: unexpected argument 'y'; see portcullisd --help"
run "$bin/portcullisd-fake" --policy x --pins
is_code 1
is err "$err" 'portcullisd: --pins needs a value'
claim 'detach asks for --yes, and touches nothing but pins'
mkdir -p "$work/plain/live"
echo mine >"$work/plain/live/on_file"
ctl detach --pins "$work/plain"
is_code 1
is err "$err" 'policyctl: detach ends the policy: from then on nothing is refused or recorded; say so by --yes'
ctl detach --yes --pins "$work/plain"
is_code 1
is err "$err" "policyctl: $work/plain is no folder of a BPF file system: nothing is pinned there; another is named by --pins DIR"
is file "$(cat "$work/plain/live/on_file")" mine
ctl detach --yes --pins "$work/none"
is_code 1
is err "$err" "policyctl: nothing is pinned in $work/none; another folder is named by --pins DIR"

claim 'the daemon shows its help'
run "$bin/portcullisd-fake" --help
is_code 0
has out "$out" 'usage: portcullisd --policy FILE'

claim 'a full disk behind stdout is no success'
run bash -c '"$1" help >/dev/full' - "$bin/policyctl"
is_code 1
