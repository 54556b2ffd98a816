# The tables of `compare`, in Markdown. A line of its input is one run of a program: threads, precision and name, then
# the program's line of JSON, with tabs between. Ours is named "ours". Runs pair up in their order.
#   -v table=summary                               ratios of every peer
#   -v table=peer -v who=N -v precision=P -v threads=T  ours beside one peer
#   -v table=threads                               what every program gains by more threads
BEGIN {
    FS = "\t"
    measure_count = split("critic update, ms|generator update, ms|5 critic and 1 generator update, ms|" \
                          "peak of the process, MB", labels, "|")
}
!($1 in thread_seen) { thread_seen[$1] = 1; thread_counts[++thread_total] = $1 }
!(($2, $3) in program_seen) {
    program_seen[$2, $3] = 1
    precisions[++program_total] = $2
    names[program_total] = $3
}
{ lines[$1, $2, $3, ++runs[$1, $2, $3]] = $4 }
END {
    if (table == "summary") print_summary()
    else if (table == "peer") print_peer()
    else if (table == "threads") print_threads()
}

# The number of that key in a line of JSON; -1 where there is none.
function value(line, key) {
    if (!match(line, "\"" key "\": *[-+0-9.eE]+")) return -1
    line = substr(line, RSTART, RLENGTH)
    sub(/.*: */, "", line)
    return line + 0
}
# One of the four measures of a run; not above 0 where the program does not say it.
function measure(line, row) {
    if (row == 1) return value(line, "critic_ms")
    if (row == 2) return value(line, "gen_ms")
    if (row == 3) return 5 * value(line, "critic_ms") + value(line, "gen_ms")
    return value(line, "peak_rss_mb")
}

# "median (least to most)".
function cell(values, count, format,    s, i, j, swap, middle) {
    for (i = 1; i <= count; i++) s[i] = values[i]
    for (i = 2; i <= count; i++)
        for (j = i; j > 1 && s[j - 1] > s[j]; j--) { swap = s[j]; s[j] = s[j - 1]; s[j - 1] = swap }
    middle = count % 2 ? s[(count + 1) / 2] : (s[count / 2] + s[count / 2 + 1]) / 2
    return sprintf(format " (" format " to " format ")", middle, s[1], s[count])
}
# Sets `upper`, `lower` and their `ratios` for a measure of two programs; returns the number of pairs, 0 where a run does
# not say it.
function pair(row, upper_threads, upper_precision, upper_name, lower_threads, lower_precision, lower_name,
              count, i) {
    count = runs[upper_threads, upper_precision, upper_name] + 0
    if (runs[lower_threads, lower_precision, lower_name] + 0 < count)
        count = runs[lower_threads, lower_precision, lower_name] + 0
    for (i = 1; i <= count; i++) {
        upper[i] = measure(lines[upper_threads, upper_precision, upper_name, i], row)
        lower[i] = measure(lines[lower_threads, lower_precision, lower_name, i], row)
        if (upper[i] <= 0 || lower[i] <= 0) return 0
        ratios[i] = upper[i] / lower[i]
    }
    return count
}
function ratio(row, threads, precision, name,    count) {
    count = pair(row, threads, precision, name, threads, precision, "ours")
    return count ? cell(ratios, count, "%.2f") : "-"
}

function print_summary(    p, t, rows) {
    for (p = 1; p <= program_total; p++)
        for (t = 1; t <= thread_total; t++) {
            if (names[p] == "ours" || !runs[thread_counts[t], precisions[p], "ours"]) continue
            if (!rows++) {
                print "| peer | precision | threads | critic update ratio | generator ratio | memory ratio |"
                print "| --- | --- | --- | --- | --- | --- |"
            }
            printf "| %s | %s | %s | %s | %s | %s |\n", names[p], precisions[p], thread_counts[t],
                ratio(1, thread_counts[t], precisions[p], names[p]), ratio(2, thread_counts[t], precisions[p], names[p]),
                ratio(4, thread_counts[t], precisions[p], names[p])
        }
}

function print_peer(    row, count) {
    if (!runs[threads, precision, "ours"]) {
        printf "Not compared: it works in %s, and ours did not run in that.\n", precision
        return
    }
    print "| | ours | theirs | ratio |"
    print "| --- | --- | --- | --- |"
    for (row = 1; row <= measure_count; row++) {
        count = pair(row, threads, precision, who, threads, precision, "ours")
        if (count)
            printf "| %s | %s | %s | %s |\n", labels[row], cell(lower, count, "%.1f"), cell(upper, count, "%.1f"),
                cell(ratios, count, "%.2f")
    }
}

function print_threads(    p, t, row, count, first, text) {
    first = thread_counts[1]
    for (t = 2; t <= thread_total; t++) if (thread_counts[t] + 0 < first + 0) first = thread_counts[t]
    text = first == 1 ? "1 thread" : first " threads"
    printf "| program | precision | threads | critic update, ms | %s / these | generator update, ms | %s / these |\n",
        text, text
    print "| --- | --- | --- | --- | --- | --- | --- |"
    for (p = 1; p <= program_total; p++)
        for (t = 1; t <= thread_total; t++) {
            printf "| %s | %s | %s |", names[p], precisions[p], thread_counts[t]
            for (row = 1; row <= 2; row++) {
                count = pair(row, first, precisions[p], names[p], thread_counts[t], precisions[p], names[p])
                if (count) printf " %s | %s |", cell(lower, count, "%.1f"), cell(ratios, count, "%.2f")
                else printf " - | - |"
            }
            print ""
        }
}
