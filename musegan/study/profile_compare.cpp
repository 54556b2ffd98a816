#include "musegan/study/profile_compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "musegan/study/statistics.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

/// Shorter than the wall clock and a busy machine can tell apart.
constexpr double least_noise = 0.02;

double noise_of(const std::vector<double>& before, const std::vector<double>& after) {
    const double deviation = std::hypot(spread(before), spread(after));
    return std::max(3 * deviation, least_noise * median(before));
}

TimeChange change_of(const ProfileWords& words, const std::vector<double>& before, const std::vector<double>& after) {
    return {.words = words, .before = median(before), .after = median(after), .noise = noise_of(before, after)};
}

std::string value_of(const Settings& settings, const std::string& name) {
    const auto found = std::ranges::find(settings, name, &std::pair<std::string, std::string>::first);
    return found == settings.end() ? "nothing" : found->second;
}

/// Names of both lists, in order, whose values differ.
std::vector<std::string> differing(const Settings& before, const Settings& after) {
    std::vector<std::string> names;
    for (const Settings* list : {&before, &after})
        for (const auto& [name, value] : *list)
            if (value_of(before, name) != value_of(after, name) && std::ranges::find(names, name) == names.end())
                names.push_back(name);
    return names;
}

void require_same_work(const Profile& before, const Profile& after, const std::string& before_name,
                       const std::string& after_name) {
    const std::vector<std::string> names = differing(before.work, after.work);
    if (!names.empty())
        tensor::fail(after_name, "a profile of other work: {} is {}, expected {} as in {}", names.front(),
                     value_of(after.work, names.front()), value_of(before.work, names.front()), before_name);
    if (before.generator_ms.empty() != after.generator_ms.empty())
        tensor::fail(after_name, "a profile {} generator updates, expected one {} as in {}",
                     after.generator_ms.empty() ? "without" : "with", after.generator_ms.empty() ? "with" : "without",
                     before_name);
}

std::vector<std::string> differences(const Profile& before, const Profile& after) {
    std::vector<std::string> found;
    const auto add = [&](const std::string& name, const std::string& a, const std::string& b) {
        if (a != b) found.push_back(fmt::format("{} {}, then {}", name, a, b));
    };
    add("machine", before.machine, after.machine);
    add("threads", fmt::format("{}", before.threads), fmt::format("{}", after.threads));
    add("clock", before.clock, after.clock);
    for (const std::string& name : differing(before.how, after.how))
        add(name, value_of(before.how, name), value_of(after.how, name));
    return found;
}

}  // namespace

Verdict TimeChange::verdict() const {
    if (std::abs(difference()) <= noise) return Verdict::same;
    return difference() > 0 ? Verdict::slower : Verdict::faster;
}

Verdict ProfileChange::verdict() const {
    const auto any = [&](Verdict verdict) {
        return std::ranges::any_of(updates, [&](const TimeChange& each) { return each.verdict() == verdict; });
    };
    return any(Verdict::slower) ? Verdict::slower : any(Verdict::faster) ? Verdict::faster : Verdict::same;
}

ProfileChange compare_profiles(const Profile& before, const Profile& after, ProfileGrouping grouping,
                               const std::string& before_name, const std::string& after_name) {
    require_same_work(before, after, before_name, after_name);
    ProfileChange change{.updates = {}, .rows = {}, .differences = differences(before, after)};
    change.updates.push_back(change_of({.update = "critic"}, before.critic_ms, after.critic_ms));
    if (!before.generator_ms.empty())
        change.updates.push_back(change_of({.update = "generator"}, before.generator_ms, after.generator_ms));

    const std::vector<ProfileRow> rows_before = group_rows(before, grouping), rows_after = group_rows(after, grouping);
    std::map<ProfileWords, std::pair<const ProfileRow*, const ProfileRow*>> pairs;
    for (const ProfileRow& row : rows_before) pairs[row.words].first = &row;
    for (const ProfileRow& row : rows_after) pairs[row.words].second = &row;
    for (const auto& [words, pair] : pairs) {
        const std::vector<double> none;
        TimeChange row =
            change_of(words, pair.first ? pair.first->rounds : none, pair.second ? pair.second->rounds : none);
        row.only_before = !pair.second;
        row.only_after = !pair.first;
        if (row.only_before || row.only_after) row.noise = 0;
        change.rows.push_back(row);
    }
    std::stable_sort(change.rows.begin(), change.rows.end(), [](const TimeChange& a, const TimeChange& b) {
        return std::abs(a.difference()) > std::abs(b.difference());
    });
    return change;
}

namespace {

std::string line(const std::string& name, const TimeChange& change) {
    const std::string ratio = change.before > 0 ? fmt::format("{:.3f}", change.after / change.before) : "-";
    const char* const verdict = change.only_before  ? "gone"
                                : change.only_after ? "new"
                                                    : tensor::name_of(change.verdict());
    return fmt::format("  {:<64} {:>10.3f} {:>10.3f} {:>+10.3f} {:>7} {:>9.3f}  {}\n", name, change.before,
                       change.after, change.difference(), ratio, change.noise, verdict);
}

std::string name_of_row(const ProfileWords& words) {
    std::string name;
    for (const std::string* word : {&words.update, &words.phase, &words.layer, &words.operation, &words.kernel})
        if (!word->empty() && (word != &words.kernel || words.kernel != words.operation))
            name += (name.empty() ? "" : "; ") + *word;
    return name.empty() ? "-" : name;
}

}  // namespace

std::string change_text(const ProfileChange& change, std::size_t most) {
    std::string text;
    for (const std::string& each : change.differences) text += fmt::format("{}\n", each);
    text += fmt::format("  {:<64} {:>10} {:>10} {:>10} {:>7} {:>9}\n", "milliseconds", "before", "after", "change",
                        "ratio", "noise");
    for (const TimeChange& update : change.updates) text += line(update.words.update + " update", update);
    std::size_t shown = 0, same = 0, changed = 0;
    double same_before = 0, same_after = 0;
    for (const TimeChange& row : change.rows) {
        if (row.verdict() == Verdict::same) {
            ++same;
            same_before += row.before;
            same_after += row.after;
        } else if (++changed; shown < most) {
            text += line(name_of_row(row.words), row);
            ++shown;
        }
    }
    if (changed > shown) text += fmt::format("  ... and {} more that changed (--lines {})\n", changed - shown, changed);
    if (same > 0)
        text += fmt::format("  {} parts within their noise: {:.3f} ms before, {:.3f} after\n", same, same_before,
                            same_after);
    return text + fmt::format("verdict: {}\n", tensor::name_of(change.verdict()));
}

}  // namespace musegan
