#include "musegan/study/profile.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "musegan/study/statistics.hpp"
#include "tensor/precision.hpp"

namespace musegan {

double ProfileRow::milliseconds() const { return median(rounds); }
double ProfileRow::mean() const { return calls > 0 ? milliseconds() / static_cast<double>(calls) : 0; }
double ProfileRow::gflops() const { return milliseconds() > 0 ? flops / milliseconds() * 1e-6 : 0; }
double ProfileRow::busy_threads() const {
    const double time = std::accumulate(rounds.begin(), rounds.end(), 0.0);
    const double ran = std::accumulate(threads.begin(), threads.end(), 0.0);
    return time > 0 ? ran * static_cast<double>(rounds.size()) / time : 0;
}
double ProfileRow::gb_s() const { return milliseconds() > 0 ? bytes / milliseconds() * 1e-6 : 0; }

std::vector<double> Profile::busy_rounds() const {
    std::vector<double> sums;
    for (const ProfileRow& row : rows) {
        sums.resize(std::max(sums.size(), row.rounds.size()));
        for (std::size_t k = 0; k < row.rounds.size(); ++k) sums[k] += row.rounds[k];
    }
    return sums;
}

double Profile::busy() const {
    double sum = 0;
    for (const ProfileRow& row : rows) sum += row.milliseconds();
    return sum;
}

double Profile::product_gflops() const {
    return roofs.gflops(tensor::find_name<tensor::Precision>(precision).value_or(tensor::Precision::f32));
}

Floor Profile::floor_of(const ProfileRow& row) const {
    const auto milliseconds = [](double amount, double per_nanosecond) {
        return per_nanosecond > 0 ? amount / per_nanosecond * 1e-6 : 0.0;
    };
    Floor floor{
        milliseconds(row.bytes, roofs.copy_rate(row.calls > 0 ? row.bytes / static_cast<double>(row.calls) : 0)),
        Bound::memory};
    if (const double time = milliseconds(row.flops, product_gflops()); time > floor.milliseconds)
        floor = {time, Bound::arithmetic};
    if (const double time = roofs.start_ms * static_cast<double>(row.calls); time > floor.milliseconds)
        floor = {time, Bound::launch};
    return floor;
}

double Profile::share_of_bound(const ProfileRow& row) const {
    const double time = row.milliseconds();
    return time > 0 ? floor_of(row).milliseconds / time : 0;
}

namespace {

/// The words that a grouping keeps.
ProfileWords kept(const ProfileWords& words, ProfileGrouping grouping) {
    switch (grouping) {
        case ProfileGrouping::kernel: return {.kernel = words.kernel};
        case ProfileGrouping::operation: return {.operation = words.operation};
        case ProfileGrouping::layer: return {.layer = words.layer};
        case ProfileGrouping::phase: return {.update = words.update, .phase = words.phase};
        case ProfileGrouping::all: break;
    }
    return words;
}

void join(const ProfileRow& more, ProfileRow& row) {
    if (row.calls == 0) {
        const ProfileWords words = row.words;
        row = more;
        row.words = words;
        return;
    }
    if (more.most > row.most) row.launch = more.launch;
    row.calls += more.calls;
    row.flops += more.flops;
    row.bytes += more.bytes;
    row.rounds.resize(std::max(row.rounds.size(), more.rounds.size()));
    for (std::size_t k = 0; k < more.rounds.size(); ++k) row.rounds[k] += more.rounds[k];
    row.threads.resize(std::max(row.threads.size(), more.threads.size()));
    for (std::size_t k = 0; k < more.threads.size(); ++k) row.threads[k] += more.threads[k];
    row.least = std::min(row.least, more.least);
    row.most = std::max(row.most, more.most);
}

}  // namespace

void sort_rows(std::vector<ProfileRow>& rows) {
    std::stable_sort(rows.begin(), rows.end(), [](const ProfileRow& a, const ProfileRow& b) {
        return a.milliseconds() != b.milliseconds() ? a.milliseconds() > b.milliseconds() : a.words < b.words;
    });
}

std::vector<ProfileRow> group_rows(const std::vector<ProfileRow>& rows, ProfileGrouping grouping) {
    std::map<ProfileWords, ProfileRow> groups;
    for (const ProfileRow& row : rows) {
        const ProfileWords words = kept(row.words, grouping);
        ProfileRow& group = groups[words];
        group.words = words;
        join(row, group);
    }
    std::vector<ProfileRow> joined;
    for (auto& [words, row] : groups) joined.push_back(std::move(row));
    sort_rows(joined);
    return joined;
}

std::vector<ProfileRow> rows_of(const std::vector<std::vector<ProfileSpan>>& rounds) {
    std::map<ProfileWords, ProfileRow> rows;
    for (std::size_t k = 0; k < rounds.size(); ++k)
        for (const ProfileSpan& span : rounds[k]) {
            const bool is_new = !rows.contains(span.words);
            ProfileRow& row = rows[span.words];
            row.words = span.words;
            row.rounds.resize(rounds.size());
            row.rounds[k] += span.milliseconds;
            if (is_new || span.milliseconds < row.least) row.least = span.milliseconds;
            if (is_new || span.milliseconds > row.most) {
                row.most = span.milliseconds;
                row.launch = span.launch;
            }
            row.threads.resize(std::max(row.threads.size(), span.threads.size()));
            for (std::size_t thread = 0; thread < span.threads.size(); ++thread)
                row.threads[thread] += span.threads[thread] / static_cast<double>(rounds.size());
            if (k > 0) continue;  // what is done is the same in every round
            ++row.calls;
            row.flops += span.flops;
            row.bytes += span.bytes;
        }
    std::vector<ProfileRow> sorted;
    for (auto& [words, row] : rows) sorted.push_back(std::move(row));
    sort_rows(sorted);
    return sorted;
}

}  // namespace musegan
