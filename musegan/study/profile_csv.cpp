#include "musegan/study/profile_csv.hpp"

#include <fmt/format.h>

#include <vector>

#include "io/csv.hpp"

namespace musegan {

namespace {

using io::csv_number;

std::string whole(std::int64_t value) { return fmt::format("{}", value); }

std::string number_if(bool is_known, double value) { return is_known ? csv_number(value) : ""; }

std::vector<std::string> fields_of(const Profile& profile, const ProfileRow& row, double busy) {
    const ProfileWords& words = row.words;
    const double time = row.milliseconds();
    const Floor floor = profile.floor_of(row);
    const bool is_bound = floor.milliseconds > 0 && time > 0;
    std::vector<std::string> fields{words.update,
                                    words.phase,
                                    words.layer,
                                    words.operation,
                                    words.kernel,
                                    whole(row.calls),
                                    csv_number(time),
                                    number_if(busy > 0, time / busy),
                                    number_if(row.calls > 0, row.mean()),
                                    csv_number(row.least),
                                    csv_number(row.most),
                                    csv_number(row.flops * 1e-9),
                                    csv_number(row.bytes * 1e-6),
                                    number_if(time > 0, row.gflops()),
                                    number_if(time > 0, row.gb_s()),
                                    number_if(row.bytes > 0, row.intensity()),
                                    number_if(is_bound, profile.share_of_bound(row)),
                                    is_bound ? name_of(floor.bound) : ""};
    if (!row.launch) {
        fields.resize(fields.size() + 3);
        return fields;
    }
    fields.push_back(whole(row.launch->registers));
    fields.push_back(whole(row.launch->shared_bytes));
    fields.push_back(number_if(row.launch->occupancy > 0, row.launch->occupancy));
    return fields;
}

}  // namespace

std::string profile_csv(const Profile& profile, ProfileGrouping grouping) {
    const std::vector<std::string> header{
        "update", "phase",     "layer",          "operation", "kernel",    "calls",        "ms",
        "share",  "mean_ms",   "least_ms",       "most_ms",   "GFLOP",     "MB",           "GFLOP/s",
        "GB/s",   "FLOP/byte", "share_of_bound", "bound",     "registers", "shared_bytes", "occupancy"};
    std::string text = io::csv_row(header);
    const double busy = profile.busy();
    for (const ProfileRow& row : group_rows(profile, grouping)) text += io::csv_row(fields_of(profile, row, busy));
    return text;
}

}  // namespace musegan
