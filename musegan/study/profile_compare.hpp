// Two profiles of the same work, before and after a change: what became faster or slower beyond the noise.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "musegan/study/profile.hpp"

namespace musegan {

enum class Verdict { same, faster, slower };
constexpr auto enum_names(Verdict) { return std::array{"same", "faster", "slower"}; }

/// One time in both profiles, milliseconds.
struct TimeChange {
    ProfileWords words;  ///< of a row; only the update for a whole update
    double before = 0, after = 0;
    /// A difference up to this is noise: three times the standard deviation of the difference of two rounds, estimated
    /// by the spread (statistics.hpp) of each profile's rounds, and at least 2 % of the time before.
    double noise = 0;
    bool only_before = false, only_after = false;  ///< the work is in one of the profiles alone

    double difference() const { return after - before; }
    Verdict verdict() const;
};

struct ProfileChange {
    std::vector<TimeChange> updates;  ///< whole updates that nobody observed
    std::vector<TimeChange> rows;     ///< of a grouping, by descending size of the difference
    /// Settings and circumstances that differ, "passes in_turn, then scores_together".
    std::vector<std::string> differences;

    /// slower if an update is; else faster if one is.
    Verdict verdict() const;
};

/// Throws Error("[after_name] ...") naming the first setting that differs where the two profiles are not of the same
/// work.
ProfileChange compare_profiles(const Profile& before, const Profile& after, ProfileGrouping grouping,
                               const std::string& before_name, const std::string& after_name);

/// The updates, then the rows that changed beyond the noise, at most `most` of them, and what was the same in sum.
std::string change_text(const ProfileChange& change, std::size_t most);

}  // namespace musegan
