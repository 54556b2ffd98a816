#include "tools/terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tools/standard_output.hpp"

namespace tools {

namespace {

bool colours() {
    const char* const term = std::getenv("TERM");
    return is_terminal() && !std::getenv("NO_COLOR") && !(term && std::string_view(term) == "dumb");
}

std::size_t terminal_width() {
    winsize size{};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

}  // namespace

bool is_terminal() {
    static const bool terminal = isatty(STDOUT_FILENO) == 1;
    return terminal;
}

void say(const std::string& line) { accompany_text(line + "\n"); }

std::string bold(const std::string& text) { return colours() ? "\033[1m" + text + "\033[0m" : text; }

std::string rate_text(std::int64_t count, double seconds) {
    if (count <= 0 || !(seconds >= 0.01)) return "";
    const double rate = static_cast<double>(count) / seconds;
    if (rate < 9.995) return fmt::format("{:.2f}/s", rate);
    return tensor::count_text(static_cast<std::int64_t>(rate + 0.5)) + "/s";
}

Progress::Progress(std::string title, std::string unit, std::int64_t total, std::int64_t done)
    : title_(std::move(title)),
      unit_(std::move(unit)),
      total_(std::max<std::int64_t>(total, 1)),
      first_(done),
      last_tenth_(done * 10 / std::max<std::int64_t>(total, 1)),
      begin_(Clock::now()),
      last_(begin_) {}

Progress::~Progress() { clear(); }

std::string Progress::line(std::int64_t done, const std::string& detail) const {
    const double elapsed = std::chrono::duration<double>(Clock::now() - begin_).count();
    const std::string rate = rate_text(done - first_, elapsed);
    std::string left;
    if (!rate.empty() && done < total_)
        left =
            duration_text(static_cast<double>(total_ - done) * elapsed / static_cast<double>(done - first_)) + " left";
    std::string text = fmt::format("{}/{} {}", tensor::count_text(done), tensor::count_text(total_), unit_);
    for (const std::string& part : {rate, left, detail})
        if (!part.empty()) text += "  " + part;
    return text;
}

void Progress::update(std::int64_t done, const std::string& detail) {
    const Clock::time_point now = Clock::now();
    const double since = std::chrono::duration<double>(now - last_).count();
    if (is_terminal()) {
        if (shown_ && done < total_ && since < 0.1) return;
        constexpr std::int64_t cells = 24;
        const std::int64_t filled = std::clamp<std::int64_t>(done * cells / total_, 0, cells);
        std::string text = fmt::format("{} [{}{}] {}", title_, std::string(static_cast<std::size_t>(filled), '='),
                                       std::string(static_cast<std::size_t>(cells - filled), ' '), line(done, detail));
        text.resize(std::min(text.size(), terminal_width() - 1));
        accompany_text("\r\033[K" + text);
    } else {
        const std::int64_t tenth = done * 10 / total_;
        if (done < total_ && (tenth == last_tenth_ || since < 2.0)) return;
        last_tenth_ = tenth;
        say(title_ + ": " + line(done, detail));
    }
    shown_ = true;
    last_ = now;
}

void Progress::note(const std::string& text) {
    clear();
    say(text);
}

void Progress::clear() {
    if (!is_terminal() || !shown_) return;
    accompany_text("\r\033[K");
    shown_ = false;
}

}  // namespace tools
