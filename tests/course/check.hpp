// What the exercises' tests share: comparing a prediction with what the program does, without giving the answer away.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "autograd/grad.hpp"
#include "tests/support/lines.hpp"

namespace course {

/// "" if the predicted text has the lines of `truth`; else the first line that differs, as predicted. Blanks at both
/// ends of lines do not count, and neither do empty lines.
inline std::string first_wrong_line(const std::string& predicted, const std::string& truth) {
    const auto trimmed = [](const std::string& text) {
        std::vector<std::string> lines;
        for (const std::string& line : support::lines_of(text)) {
            const std::size_t begin = line.find_first_not_of(" \t"), end = line.find_last_not_of(" \t");
            if (begin != std::string::npos) lines.push_back(line.substr(begin, end - begin + 1));
        }
        return lines;
    };
    const std::vector<std::string> mine = trimmed(predicted), right = trimmed(truth);
    for (std::size_t i = 0; i < mine.size() && i < right.size(); ++i)
        if (mine[i] != right[i]) return fmt::format("line {} of {}, '{}', is not there", i + 1, right.size(), mine[i]);
    if (mine.size() == right.size()) return "";
    return fmt::format("{} lines, expected {}", mine.size(), right.size());
}

}  // namespace course
