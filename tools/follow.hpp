// musegan report --follow: the page of a run is written anew while the run trains.
#pragma once

#include <cstdint>
#include <filesystem>

#include "musegan/pages/run_record.hpp"

namespace tools {

struct Following {
    std::filesystem::path run{}, out{};
    musegan::RecordSources sources{};
    std::int64_t every = 5;  ///< seconds from one look at the run to the next
};

/// Writes the page at once and whenever the run has changed, each time as a whole, until the training ends (holder_of)
/// or a signal comes; then once more, without its live line. A run that nobody trains is written once. Where a page
/// takes long, of a long run, there are fewer: together they take about a fiftieth of a core at most.
///
/// A page that cannot be written is said and tried again. Throws Error for a folder that is no run, or is gone, and
/// where the last page cannot be written. Returns the exit code.
int follow_run(const Following& following);

}  // namespace tools
