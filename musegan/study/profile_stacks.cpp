#include "musegan/study/profile_stacks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace musegan {

namespace {

/// Readers end a line at its break, a name at its semicolon, and the stack at the last space.
std::string folded(std::string name) {
    for (char& c : name) {
        if (c == ';') c = ',';
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
    }
    return name;
}

}  // namespace

std::vector<const ProfileRow*> rows_as_run(const Profile& profile) {
    std::map<ProfileWords, std::size_t> begins;
    for (const ProfileSpan& span : profile.timeline) begins.emplace(span.words, begins.size());
    const auto place = [&](const ProfileRow* row) {
        const auto found = begins.find(row->words);
        return found != begins.end() ? found->second : begins.size();
    };
    std::vector<const ProfileRow*> rows;
    for (const ProfileRow& row : profile.rows) rows.push_back(&row);
    std::stable_sort(rows.begin(), rows.end(), [&](const ProfileRow* a, const ProfileRow* b) {
        return std::pair(place(a), a->words) < std::pair(place(b), b->words);
    });
    return rows;
}

std::vector<std::string> parts_of(const ProfileWords& words) {
    std::vector<std::string> parts;
    if (!words.update.empty()) parts.push_back(words.update + " update");
    for (const std::string* word : {&words.phase, &words.layer, &words.operation})
        if (!word->empty()) parts.push_back(*word);
    if (!words.kernel.empty() && words.kernel != words.operation) parts.push_back(words.kernel);
    return parts;
}

std::string profile_stacks(const Profile& profile) {
    std::string text;
    for (const ProfileRow* row : rows_as_run(profile)) {
        const std::int64_t nanoseconds = std::llround(row->milliseconds() * 1e6);
        if (nanoseconds <= 0) continue;
        std::vector<std::string> parts = parts_of(row->words);
        std::transform(parts.begin(), parts.end(), parts.begin(), folded);
        text +=
            fmt::format("{} {}\n", parts.empty() ? "(no name)" : fmt::format("{}", fmt::join(parts, ";")), nanoseconds);
    }
    return text;
}

}  // namespace musegan
