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

function figure(where, what) {
	return (where, what) in value ? value[where, what] : ""
}

function added(kernel, configuration, op) {
	if (!((kernel, configuration ":" op) in value))
		return ""
	return value[kernel, configuration ":" op] - value[kernel, "none:" op]
}

function over(a, b) {
	return a == "" || b == "" ? "" : a - b
}

function ratio(a, b) {
	return a == "" || b == "" || b == 0 ? "" : sprintf("%.2f", a / b)
}

END {
	split("open spawn connect-tcp", loads)
	for (kernel in kernels) {
		first = added(kernel, "rules-1000", "open-first")
		bound(kernel " warm open", added(kernel, "rules-1000", "open-warm"), 400)
		bound(kernel " warm open by a rule", added(kernel, "by-rule-1000", "open-warm"), 400)
		bound(kernel " first open", first, 1200)
		bound(kernel " first open, for each of 5 names more",
		      sprintf("%.0f", over(added(kernel, "rules-1000", "open-deep"), first) / 5), 100)
		bound(kernel " first open, for each of 16 bytes more",
		      sprintf("%.1f", over(added(kernel, "rules-1000", "open-long"), first) / 16), 22)
		bound(kernel " first open, 100,000 rules over 1,000", ratio(added(kernel, "rules-100000", "open-first"), first), 1.05)
		bound(kernel " warm open, 100,000 rules over 1,000",
		      ratio(added(kernel, "rules-100000", "open-warm"), added(kernel, "rules-1000", "open-warm")), 1.05)
		bound(kernel " a record over a first open", over(added(kernel, "logged-1000", "open-first"), first), 1000)
		for (i in loads)
			bound(kernel " lost of the load " loads[i], figure(kernel, "load:" loads[i] "-lost"), 0)
		bound(kernel " connect, 100,000 networks", added(kernel, "networks-100000", "connect-udp"), 500)
		bound(kernel " spawn and exec, percent",
		      sprintf("%.2f", 100 * added(kernel, "rules-1000", "spawn") / value[kernel, "none:spawn"]), 2)
		bound(kernel " warm open in one of 64 profiles", added(kernel, "inside-64", "open-warm"), 500)
		bound(kernel " warm open in one of 64 profiles over the only one",
		      ratio(added(kernel, "inside-64", "open-warm"), added(kernel, "inside-1", "open-warm")), 1.05)
		bound(kernel " warm open, over programs without profiles",
		      over(added(kernel, "outside-0", "open-warm"), added(kernel, "unaware", "open-warm")), 20)
		bound(kernel " first open in one of 64 profiles", added(kernel, "inside-64", "open-first"), 1400)
		bound(kernel " connect outside 64 profiles", added(kernel, "outside-64", "connect-udp"), 500)
		bound(kernel " connect in one of 64 profiles", added(kernel, "inside-64", "connect-udp"), 500)
		bound(kernel " spawn and exec in one of 64 profiles, percent",
		      sprintf("%.2f", 100 * added(kernel, "inside-64", "spawn") / value[kernel, "none:spawn"]), 2)
		bound(kernel " loading all programs, million instructions",
		      sprintf("%.0f", figure(kernel, "daemon:load-instructions") / 1e6), 2000)
		bound(kernel " maps on 4 CPUs, bytes", figure(kernel, "daemon:map-bytes-4-cpus"), 10485760)
		bound(kernel " the daemon at rest, bytes", figure(kernel, "daemon:rss-bytes-1000"), 10485760)
		bound(kernel " an open by two CPUs at once over one's", ratio(figure(kernel, "rules-1000:hammer-2"), figure(kernel, "rules-1000:hammer-1")),
		      sprintf("%.2f", 1.05 * ratio(figure(kernel, "none:hammer-2"), figure(kernel, "none:hammer-1"))))
	}
	bound("check of 1,000 rules, ms", figure("host", "compile-ms:1000-none"), 30)
	bound("compile, 100,000 rules, ms", figure("host", "compile-ms:100000-none"), 3000)
	bound("image, 100,000 rules, bytes", figure("host", "image-bytes:100000-none"), 67108864)
	bound("compile, 64 profiles of 1,000 rules, ms", figure("host", "compile-ms:1000-profiles-64"), 3000)
	bound("image, 64 profiles of 1,000 rules, bytes", figure("host", "image-bytes:1000-profiles-64"), 67108864)
	bound("image, all together, bytes", figure("host", "image-bytes:all"), 67108864)
	bound("native decision, 100,000 rules over 1,000", ratio(figure("host", "native-ns:100000-none"), figure("host", "native-ns:1000-none")), 2)
	exit any > 0
}
