# SPDX-License-Identifier: GPL-2.0-only
# policyctl.bash - bash completion; installed as /usr/share/bash-completion/completions/policyctl.

_policyctl()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local verbs='check explain print replay learn reload confirm status doctor mode log top report run attach ps rules detach help' verb='' hook='' word i
	local filters='--hook --verdict --profile --exe --object --rule --since --until'
	local -A options=(
		[check]='--root --lifeline' [explain]='--policy --root --json'
		[replay]='--policy --root --json'
		[learn]='--policy --profile --since --diff --interactive --root' [status]='--json' [doctor]='--policy --pins --json'
		[log]="--follow --lines --json --policy $filters" [top]="--once --policy $filters"
		[report]="--html --policy $filters"
		[run]='--profile' [attach]='--profile --pid' [ps]='--json'
		[rules]='--unused --since --profile --hook --top --json' [detach]='--yes --pins'
		[reload]='--confirm-within --force' [mode]='--for'
	)

	COMPREPLY=()
	case $prev in
	--hook) mapfile -t COMPREPLY < <(compgen -W 'exec open connect system' -- "$cur"); return ;;
	--verdict) mapfile -t COMPREPLY < <(compgen -W 'deny audit allow would-deny' -- "$cur"); return ;;
	--exe | --object) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
	--socket | --policy | --html) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
	--root | --pins) mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
	--lines | -n | --profile | --rule | --since | --until | --top) return ;;
	--pid) mapfile -t COMPREPLY < <(compgen -W "$(ps -A -o pid= 2>/dev/null)" -- "$cur"); return ;;
	esac

	# The verb is the first word that is neither an option nor an option's value; explain's hook is the next.
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		--socket | --policy | --root | --lines | -n | --profile | --pid | --html | --top | --pins | --confirm-within | --for) ((i++)) ;;
		--hook | --verdict | --exe | --object | --rule | --since | --until) ((i++)) ;;
		-*) ;;
		*) if [[ -z $verb ]]; then verb=$word; elif [[ -z $hook ]]; then hook=$word; fi ;;
		esac
	done

	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "--socket --help ${options[${verb:-none}]-}" -- "$cur")
		return
	fi
	case $verb in
	'') mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$cur") ;;
	check | print | replay | learn | log | report) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
	run) mapfile -t COMPREPLY < <(compgen -c -- "$cur") ;;
	mode) mapfile -t COMPREPLY < <(compgen -W 'audit policy' -- "$cur") ;;
	help) mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$cur") ;;
	explain)
		if [[ -z $hook ]]; then
			mapfile -t COMPREPLY < <(compgen -W 'exec open connect system' -- "$cur")
		elif [[ $hook == system ]]; then
			mapfile -t COMPREPLY < <(compgen -W 'userns mount bpf module ptrace kexec' -- "$cur")
		else
			mapfile -t COMPREPLY < <(compgen -f -- "$cur"; compgen -W 'read write' -- "$cur")
		fi
		;;
	esac
} && complete -o filenames -F _policyctl policyctl
