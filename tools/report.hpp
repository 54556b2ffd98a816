// The page of a run, which several commands write.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "musegan/pages/run_record.hpp"

namespace tools {

/// Writes the page of a record, atomically. Throws Error where that fails.
void write_report(const musegan::RunRecord& record, const std::filesystem::path& out);

/// Writes RUN/report.html of a run that has just ended. A failure is told to `warn`: it is no reason to fail for a
/// command whose work is done. Returns whether the report is there.
bool report_run(const std::filesystem::path& folder, const std::function<void(const std::string&)>& warn);

}  // namespace tools
