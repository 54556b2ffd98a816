// What the command prints: progress with time left on a terminal, plain lines elsewhere, colours only on a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "tensor/units.hpp"

namespace tools {

/// True if standard output is a terminal (and the user has not set NO_COLOR or TERM=dumb, for colours).
bool is_terminal();
/// `text` in bold on a terminal, unchanged elsewhere.
std::string bold(const std::string& text);

/// Prints a line. Long work goes on when nobody reads its output any more; what did not arrive is said at its end
/// (standard_output.hpp).
void say(const std::string& line);

using tensor::bytes_text;
using tensor::duration_text;
using tensor::flops_text;

/// How many a second: "0.21/s", "17/s", "218,436/s"; "" for none, and for a time too short to say (below 10 ms).
std::string rate_text(std::int64_t count, double seconds);

/// Progress of one piece of work with a known end. On a terminal one line that rewrites itself; elsewhere a plain line
/// at each tenth of the work, but not more often than every two seconds.
class Progress {
  public:
    Progress(std::string title, std::string unit, std::int64_t total, std::int64_t done = 0);
    /// Clears the line on a terminal.
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// `detail` follows the rate and the time left.
    void update(std::int64_t done, const std::string& detail = {});
    /// Prints a line of its own, above the bar.
    void note(const std::string& line);

  private:
    using Clock = std::chrono::steady_clock;
    std::string line(std::int64_t done, const std::string& detail) const;
    void clear();

    std::string title_, unit_;
    std::int64_t total_, first_, last_tenth_ = 0;
    Clock::time_point begin_, last_;
    bool shown_ = false;
};

}  // namespace tools
