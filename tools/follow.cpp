#include "tools/follow.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "musegan/pages/run_stamps.hpp"
#include "musegan/training/run_folder.hpp"
#include "tools/commands.hpp"
#include "tools/report.hpp"
#include "tools/shell_text.hpp"
#include "tools/terminal.hpp"

namespace tools {

namespace {

namespace fs = std::filesystem;

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

class Follower {
  public:
    explicit Follower(const Following& following) : following_(following) {}

    int follow() {
        const std::optional<std::string> holder = musegan::holder_of(following_.run);
        if (!holder) {
            if (fs::is_directory(following_.run))
                say(fmt::format("nobody trains in {}: the page is written once", shown(following_.run)));
            return end();
        }
        watch_interrupt("writing the page once more");
        // Those that train go first.
        [[maybe_unused]] const int unchanged = ::nice(10);
        say(fmt::format("follow: {} trains; {} is rewritten every {} s", *holder, shown(following_.out),
                        following_.every));
        while (!interrupted()) {
            look();
            rest();
            if (interrupted() || is_trained()) continue;
            write_last_page();
            // A training that has gone on meanwhile is followed again.
            if (!is_trained()) return tell_end();
            stamps_.clear();
        }
        return end();
    }

  private:
    static std::string shown(const fs::path& path) { return shell_quoted(path.string()); }

    bool is_trained() const { return musegan::holder_of(following_.run).has_value(); }
    /// None before a run's first file, and where its folder was removed or moved.
    bool is_run() const { return musegan::RunFolder(following_.run).has_any_file(); }

    /// One look at the run; where it has changed, a new page of it.
    void look() {
        if (!is_run()) return;
        const std::clock_t begin = std::clock();
        std::vector<musegan::FileStamp> stamps = musegan::run_stamps(following_.run, following_.sources);
        if (stamps == stamps_ && seconds_since(written_) < still_alive * static_cast<double>(pause_)) return;
        const std::optional<musegan::RunRecord> record = read();
        if (!record || !write(*record)) return;
        stamps_ = std::move(stamps);
        written_ = Clock::now();
        show_progress(*record);
        const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
        pause_ = std::max(following_.every, static_cast<std::int64_t>(std::ceil(seconds * pause_per_second)));
    }

    /// A source that was named and is bad is a fault of the command; one that was good is being written.
    std::optional<musegan::RunRecord> read() const {
        try {
            musegan::RunRecord record = musegan::read_run(following_.run, following_.sources, true);
            record.live = musegan::LiveState{pause_, std::chrono::system_clock::now()};
            return record;
        } catch (const std::exception&) {
            if (!has_page_ && is_run()) throw;
            return std::nullopt;
        }
    }

    /// Whether the page is there; the disk may have room for it the next time.
    bool write(const musegan::RunRecord& record) {
        try {
            write_report(record, following_.out);
            has_page_ = true;
            fault_.clear();
            return true;
        } catch (const std::exception& error) {
            if (is_run() && fault_ != error.what()) note(fmt::format("warning: {}; it is tried again", error.what()));
            fault_ = error.what();
            return false;
        }
    }

    /// Until the next look, or until there is nothing to wait for.
    void rest() const {
        constexpr int looks_per_second = 20;
        const Clock::time_point begin = Clock::now();
        for (int k = 1; !interrupted() && seconds_since(begin) < static_cast<double>(pause_); ++k) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1000 / looks_per_second));
            if (k % looks_per_second == 0 && !is_trained()) return;
        }
    }

    void show_progress(const musegan::RunRecord& record) {
        const std::optional<std::int64_t> steps = record.steps_asked();
        if (!is_terminal() || !steps || record.last_step() < 0) return;
        if (!progress_) progress_ = std::make_unique<Progress>("follow", "steps", *steps, record.last_step());
        progress_->update(record.last_step());
    }
    void note(const std::string& text) {
        if (progress_) progress_->note(text);
        else say(text);
    }

    /// The page without its live line. A run that somebody still trains is read as such.
    void write_last_page() {
        if (has_page_ && !is_run())
            tensor::fail(following_.run.string(), "is gone: it was removed or moved while the report followed it");
        const musegan::RunRecord record = musegan::read_run(following_.run, following_.sources, is_trained());
        write_report(record, following_.out);
        faults_ = record.faults;
    }
    int tell_end() {
        progress_.reset();
        for (const std::string& fault : faults_) say("note: " + shown_text(fault));
        say("look: " + shown(following_.out));
        return interrupted() ? interrupted_exit_code() : 0;
    }
    int end() {
        write_last_page();
        return tell_end();
    }

    /// A page that nothing new came to is written all the same after so many pauses, so that it can say that it is
    /// alive: a step may take minutes.
    static constexpr double still_alive = 5;
    /// Seconds to wait for each that a page took.
    static constexpr double pause_per_second = 50;

    const Following& following_;
    std::int64_t pause_ = following_.every;
    std::vector<musegan::FileStamp> stamps_;
    Clock::time_point written_{};
    std::string fault_;  ///< what was said last of a page that could not be made
    std::vector<std::string> faults_;
    bool has_page_ = false;
    std::unique_ptr<Progress> progress_;
};

}  // namespace

int follow_run(const Following& following) { return Follower(following).follow(); }

}  // namespace tools
