# SPDX-License-Identifier: GPL-2.0-only
# status.awk - after json.awk: each value of a JSON text as a line PATH VALUE.
{ text = text $0 "\n" }
END {
	flatten(text, values)
	for (path in values)
		print path, values[path]
}
