# Counts the instructions of kernels in a text of `cuobjdump -res-usage -sass` (bench/instruction-counts). One line for
# a kernel, with tabs between; the order of the columns is that of `names` in the script.
#
# A kernel is cut into basic blocks. A loop is what a backward branch closes: a branch to a block that dominates it (all
# ways from the kernel's start to the branch lead through that block), so code that the compiler has put behind the
# kernel and that jumps back is none. The main loop is the innermost one with most products of the tensor cores.
function hexadecimal(text,    i, value) {
    value = 0
    for (i = 1; i <= length(text); i++) value = 16 * value + index("0123456789abcdef", substr(text, i, 1)) - 1
    return value
}
# The kind of instruction i, by the name up to its first dot.
function kind_of(i,    name) {
    name = operation[i]
    # cvt.rna.tf32 on sm_90: is the number finite, and if so add half of what is cut off.
    if (name ~ /^FSETP/ && arguments[i] ~ /\|, \+INF/) return "rounding"
    if (guard[i] != "" && name ~ /^IMAD\.IADD\.U32/) return "rounding"
    if (guard[i] != "" && name ~ /^VIADD/ && arguments[i] ~ / 0x1000 /) return "rounding"
    sub(/\..*/, "", name)
    if (name in kinds) return kinds[name]
    if (name ~ /^(F2|I2|FRND)/) return "rounding"
    if (name ~ /^[FDH][A-Z]/) return "float"
    if (name ~ /^U?(I|VI|LEA|LOP|PLOP|SHF|SEL|MOV|CS2R|S2|PRMT|BMSK|R2UR|POPC|FLO)/) return "integer"
    return "other"
}
function add_edge(from, to) {
    successors[from, ++successor_count[from]] = to
    predecessors[to, ++predecessor_count[to]] = from
}
function make_blocks(    i, b, to) {
    for (i = 1; i <= count; i++) {
        at[address[i]] = i
        if (operation[i] ~ /^(BRA|EXIT|RET|BRX|CALL)/) starts[i + 1] = 1
    }
    starts[1] = 1
    for (i = 1; i <= count; i++)
        if (target[i] != "" && target[i] in at) starts[at[target[i]]] = 1
    blocks = 0
    for (i = 1; i <= count; i++) {
        if (i in starts) first[++blocks] = i
        block_of[i] = blocks
        last[blocks] = i
    }
    for (b = 1; b <= blocks; b++) {
        i = last[b]
        if (target[i] != "" && target[i] in at) add_edge(b, block_of[at[target[i]]])
        if (!ends[i] && i < count) add_edge(b, b + 1)
    }
}
# Depth first from block 1; order[] is the reverse postorder.
function number_blocks(    depth, b, next_one) {
    depth = 1; stack[1] = 1; seen[1] = 1; numbered = 0
    while (depth > 0) {
        b = stack[depth]
        if (++visited[b] <= successor_count[b]) {
            next_one = successors[b, visited[b]]
            if (!(next_one in seen)) { seen[next_one] = 1; stack[++depth] = next_one }
        } else {
            postorder[b] = ++numbered; by_postorder[numbered] = b; depth--
        }
    }
}
function meet(a, b) {
    while (a != b) {
        while (postorder[a] < postorder[b]) a = dominator[a]
        while (postorder[b] < postorder[a]) b = dominator[b]
    }
    return a
}
# Cooper, Harvey and Kennedy, "A simple, fast dominance algorithm" (2001).
function find_dominators(    changed, n, b, j, p, new) {
    dominator[1] = 1
    do {
        changed = 0
        for (n = numbered - 1; n >= 1; n--) {
            b = by_postorder[n]; new = 0
            for (j = 1; j <= predecessor_count[b]; j++) {
                p = predecessors[b, j]
                if (p in dominator) new = new ? meet(p, new) : p
            }
            if (dominator[b] != new) { dominator[b] = new; changed = 1 }
        }
    } while (changed)
}
function dominates(a, b) {
    while (b != a && b != 1) b = dominator[b]
    return a == b
}
# The blocks of the loop of this header: those that reach a branch back to it without leaving through it.
function collect(header, source,    depth, b, j, p) {
    body[header, header] = 1
    if ((header, source) in body) return
    body[header, source] = 1; depth = 1; stack[1] = source
    while (depth > 0) {
        b = stack[depth--]
        for (j = 1; j <= predecessor_count[b]; j++) {
            p = predecessors[b, j]
            if (!((header, p) in body) && p in seen) { body[header, p] = 1; stack[++depth] = p }
        }
    }
}
function find_loops(    b, j, to, i, h) {
    for (b = 1; b <= blocks; b++) {
        if (!(b in seen)) continue
        for (j = 1; j <= successor_count[b]; j++) {
            to = successors[b, j]
            # `BRA` to itself is padding behind the end.
            if (dominates(to, b) && !(to == b && first[b] == last[b])) { headers[to] = 1; collect(to, b) }
        }
    }
    for (h in headers)
        for (b = 1; b <= blocks; b++)
            if ((h, b) in body) {
                for (i = first[b]; i <= last[b]; i++) products[h] += kind[i] == "product"
                loop_size[h] += last[b] - first[b] + 1
            }
}
function main_loop(    h, inner, best, innermost) {
    best = 0
    for (h in headers) {
        innermost = products[h] > 0
        for (inner in headers) if (inner != h && (h, inner) in body && products[inner] > 0) innermost = 0
        if (innermost && (!best || products[h] > products[best] || (products[h] == products[best] && h + 0 < best)))
            best = h + 0
    }
    return best
}
function loop_around(main,    h, best) {
    best = 0
    for (h in headers)
        if (h != main && (h, main) in body && (!best || loop_size[h] < loop_size[best])) best = h + 0
    return best
}
function report(    i, main, around, inside, k, in_loop, outside, outside_branches, line) {
    if (kernel == "" || count == 0) return
    for (i = 1; i <= count; i++) kind[i] = kind_of(i)
    make_blocks(); number_blocks(); find_dominators(); find_loops()
    main = main_loop(); around = main ? loop_around(main) : 0
    for (i = 1; i <= count; i++) {
        inside = main && (main, block_of[i]) in body
        if (inside) { in_loop++; tally[kind[i]]++ }
        else { outside++; outside_branches += kind[i] == "branch" }
    }
    line = kernel "\t" (kernel in registers ? registers[kernel] : "-")
    if (!main) {
        for (k = 0; k < kind_count + 2; k++) line = line "\t-"
    } else {
        line = line "\t" in_loop
        for (k = 1; k <= kind_count; k++) line = line "\t" tally[all_kinds[k]] + 0
        line = line "\t" (around ? loop_size[around] - in_loop : "-")
    }
    line = line "\t" outside + 0 "\t" outside_branches + 0 "\t"
    # A scheduler issues one instruction a clock, and its tensor core needs `cycles` clocks for a product. What the loop
    # can reach at most of the tensor cores' peak is therefore cycles x products / instructions, were nothing ever late.
    line = line (main ? sprintf("%.0f", min(100, 100 * cycles * tally["product"] / in_loop)) : "-")
    print line
}
function min(a, b) { return a < b ? a : b }
function clear() {
    split("", operation); split("", arguments); split("", guard); split("", address); split("", target)
    split("", ends); split("", at); split("", starts); split("", first); split("", last); split("", block_of)
    split("", successors); split("", successor_count); split("", predecessors); split("", predecessor_count)
    split("", seen); split("", visited); split("", stack); split("", postorder); split("", by_postorder)
    split("", dominator); split("", headers); split("", body); split("", products); split("", loop_size)
    split("", kind); split("", tally)
    count = 0
}
BEGIN {
    kind_count = split("product shared_load shared_store global_load copy rounding float integer constant barrier " \
                       "branch other", all_kinds, " ")
    split("HMMA product LDS shared_load LDSM shared_load STS shared_store LDG global_load LD global_load LDGSTS copy " \
          "LDC constant LDCU constant ULDC constant BAR barrier DEPBAR barrier LDGDEPBAR barrier BRA branch " \
          "BRX branch CALL branch RET branch EXIT branch MUFU float", pairs, " ")
    for (n = 1; n in pairs; n += 2) kinds[pairs[n]] = pairs[n + 1]
}
/^ Function [^ ]+:$/ { resource = $2; sub(/:$/, "", resource); next }
/REG:[0-9]+/ { text = $0; sub(/.*REG:/, "", text); registers[resource] = text + 0; next }
/^[ \t]*Function : / { report(); clear(); kernel = $3; next }
/^ *\/\*[0-9a-f]+\*\/ / {
    text = $0
    sub(/ *\/\* 0x.*/, "", text)
    split(text, halves, /\*\/ +/)
    where = halves[1]; sub(/.*\/\*/, "", where)
    text = halves[2]; sub(/ *;.*/, " ", text)
    condition = ""
    if (text ~ /^@/) { condition = text; sub(/ .*/, "", condition); sub(/^@[^ ]+ +/, "", text) }
    name = text; sub(/ .*/, "", name)
    if (name == "NOP" || name == "") next
    count++
    address[count] = hexadecimal(where); operation[count] = name; guard[count] = condition
    sub(/^[^ ]+/, "", text); arguments[count] = text
    target[count] = ""
    if (name ~ /^BRA/ && match(text, /0x[0-9a-f]+/)) target[count] = hexadecimal(substr(text, RSTART + 2, RLENGTH - 2))
    ends[count] = condition == "" && (name ~ /^(EXIT|RET|BRX)/ || (name == "BRA" && text !~ / !?U?P[0-9T]/))
}
END { report() }
