# SPDX-License-Identifier: GPL-2.0-only
# samples.awk - after json.awk: what was refused, each thing once, on one line.
{
	flatten($0, record)
	what = record["hook"] " " record["access"] " " record["object"] " (" record["comm"] ", " record["profile"] ", " record["rule"] ")"
	if (record["verdict"] == "deny" && !seen[what]++)
		printf "%s; ", what
}
