# Adds up a Go cover profile by package. Every test binary reports every block, so a block counts once,
# and as covered if any of them reached it. What only tests import does not count.
NR > 1 && $1 !~ /\/wrappers\/internal\/wiretest\// {
	block = $1
	statements[block] = $2
	if ($3 > 0) covered[block] = 1
}
END {
	for (block in statements) {
		pkg = block
		sub(/\/[^\/]*$/, "", pkg)
		all[pkg] += statements[block]
		total += statements[block]
		if (block in covered) {
			hit[pkg] += statements[block]
			reached += statements[block]
		}
	}
	for (pkg in all) printf "%6.1f%%  %s\n", 100 * hit[pkg] / all[pkg], pkg | "sort -k2"
	close("sort -k2")
	if (total > 0) printf "%6.1f%%  total: %d of %d statements\n", 100 * reached / total, reached, total
}
