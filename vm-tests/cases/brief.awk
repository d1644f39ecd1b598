# SPDX-License-Identifier: GPL-2.0-only
# brief.awk - after json.awk: each record on a line of a comment.
{
	flatten($0, record)
	print "#", record["verdict"], record["hook"], record["access"], record["operation"], record["object"], "by", record["exe"], \
		"(" record["comm"] ", " record["profile"] ", " record["unit"] ", " record["rule"] ")"
}
