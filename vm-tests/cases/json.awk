# SPDX-License-Identifier: GPL-2.0-only
# json.awk - JSON as awk can ask it; jq takes half a second to start where each instruction is emulated.

# flatten(TEXT, OUT) - OUT["counters.open.deny.decided"] = 5; an array's members are numbered from 0.
function flatten(text, out,    token, depth, key, is_list, is_value) {
	delete out
	depth = 0
	while (match(text, /"([^"\\]|\\.)*"|[][{},:]|[^][{},:" \t\n]+/)) {
		token = substr(text, RSTART, RLENGTH)
		text = substr(text, RSTART + RLENGTH)
		if (token == "{" || token == "[") {
			is_list[++depth] = token == "["
			key[depth] = is_list[depth] ? 0 : ""
			is_value = is_list[depth]
		} else if (token == "}" || token == "]") {
			depth--
		} else if (token == ",") {
			is_value = is_list[depth]
			if (is_list[depth])
				key[depth]++
		} else if (token == ":") {
			is_value = 1
		} else if (is_value) {
			out[path_of(key, depth)] = plain(token)
		} else {
			key[depth] = plain(token)
		}
	}
}

function path_of(key, depth,    path, i) {
	path = key[1]
	for (i = 2; i <= depth; i++)
		path = path "." key[i]
	return path
}

# A string without its quotes; of the escapes, those that our writer needs for printable text.
function plain(token) {
	if (token !~ /^"/)
		return token
	token = substr(token, 2, length(token) - 2)
	if (token ~ /\\/) {
		gsub(/\\"/, "\"", token)
		gsub(/\\\\/, "\\", token)
	}
	return token
}
