# SPDX-License-Identifier: GPL-2.0-only
# bounds.awk - figures (WHERE WHAT VALUE) against DESIGN.md section 4: a line each, exit 1 where one is missed.
{
	value[$1, $2] = $3
	if ($1 != "host")
		kernels[$1] = 1
}

function bound(name, got, most) {
	if (got == "")
		got = "not measured"
	missed = got == "not measured" || got + 0 > most
	any += missed
	printf "%-7s %-52s %12s  (at most %s)\n", missed ? "MISSED" : "held", name, got, most
}

function added(kernel, configuration, op) {
	if (!((kernel, configuration ":" op) in value))
		return ""
	return value[kernel, configuration ":" op] - value[kernel, "none:" op]
}

END {
	for (kernel in kernels) {
		bound(kernel " warm open, 1,000 rules", added(kernel, "rules-1000", "open-warm"), 400)
		bound(kernel " first open, 1,000 rules", added(kernel, "rules-1000", "open-first"), 1200)
		bound(kernel " first open, 100,000 rules", added(kernel, "rules-100000", "open-first"), int(added(kernel, "rules-1000", "open-first") * 1.05))
		bound(kernel " connect, 100,000 CIDRs", added(kernel, "networks-100000", "connect-udp"), 500)
		bound(kernel " spawn and exec", added(kernel, "rules-1000", "spawn"), int(value[kernel, "none:spawn"] * 0.02))
		bound(kernel " a record over a first open", added(kernel, "rules-1000-logged", "open-lone") - added(kernel, "rules-1000", "open-first"), 1000)
	}
	bound("compile, 1,000 rules, ms", value["host", "compile-ms:1000-none"], 30)
	bound("compile, 100,000 rules, ms", value["host", "compile-ms:100000-none"], 3000)
	bound("image, 100,000 rules, bytes", value["host", "image-bytes:100000-none"], 67108864)
	bound("image, all together, bytes", value["host", "image-bytes:all"], 67108864)
	exit any > 0
}
