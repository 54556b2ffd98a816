#include "io/nearest_name.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace io {
namespace {

/// Levenshtein's distance, row by row of its table: changes[j] = changes that turn a part of `from` into to[0, j).
std::size_t count_changes(std::string_view from, std::string_view to) {
    std::vector<std::size_t> changes(to.size() + 1);
    std::iota(changes.begin(), changes.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = std::exchange(changes[0], i + 1);
        for (std::size_t j = 0; j < to.size(); ++j) {
            const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = changes[j + 1];
            changes[j + 1] = std::min({replaced, changes[j] + 1, changes[j + 1] + 1});
        }
    }
    return changes.back();
}

}  // namespace

std::string nearest_name(std::string_view name, std::span<const std::string> known) {
    std::string nearest;
    std::size_t fewest = std::string::npos;
    for (const std::string& each : known) {
        const std::size_t allowed = std::max<std::size_t>(2, each.size() / 3);
        if (name.size() > each.size() + allowed) continue;  // a hostile name may be long
        const std::size_t changes = count_changes(name, each);
        if (changes <= allowed && changes < std::min(each.size(), name.size()) && changes < fewest) {
            fewest = changes;
            nearest = each;
        }
    }
    return nearest;
}

}  // namespace io
