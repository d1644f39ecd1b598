# SPDX-License-Identifier: GPL-2.0-only
# judge.jq - compares the records of a phase (inputs) with the lines of `expect`; prints NAME, and what is wrong with it.
def is_by($comm): $comm == "" or (.pid as $pid | .comm | test("^(" + ($comm | gsub("PID"; $pid | tostring)) + ")$"));

(reduce inputs as $r ({}; .[$r.hook + " " + $r.object] += [$r])) as $log
| $expected | split("\n")[] | select(. != "") | split("\t")
| . as [$name, $hook, $verdict, $object, $rule, $access, $count, $comm]
| (if $object == "*" then [$log | to_entries[] | select(.key | startswith($hook + " ")).value[]]
   else $log[$hook + " " + $object] // [] end) as $records
| ($records | map(select(is_by($comm) and ($access == "" or .access == $access)))) as $seen
| ($seen | map(select(.verdict == $verdict and ($rule == "" or .rule == $rule)))) as $right
| ($seen | map(.repeats // 1) | add // 0) as $n
| ($seen - $right)[0] as $wrong
| [$name,
   if $count != "" and $count != ($n | tostring) then "\($n) records of \($hook) \($object) \($access), not \($count)"
   elif ($right | length) > 0 and ($count == "" or $wrong == null) or $count == "0" then ""
   elif $wrong then
	"record of \($object) is \($wrong | {verdict, rule, access} | tostring), not \($verdict) by \($rule)"
   else "no record of \($hook) \($object) \($access)" end]
| @tsv
