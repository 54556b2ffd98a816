#include "musegan/pages/run_stamps.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace musegan {

namespace {

namespace fs = std::filesystem;

void add_stamp(const fs::path& path, std::vector<FileStamp>& stamps) {
    std::error_code error;
    if (!fs::is_regular_file(path, error)) return;
    FileStamp stamp{path};
    stamp.bytes = fs::file_size(path, error);
    if (!error) stamp.written = fs::last_write_time(path, error);
    if (!error) stamps.push_back(std::move(stamp));
}

void add_files_of(const fs::path& folder, std::vector<FileStamp>& stamps) {
    std::error_code error;
    std::vector<fs::path> paths;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        paths.push_back(entry->path());
    std::ranges::sort(paths);
    for (const fs::path& path : paths) add_stamp(path, stamps);
}

}  // namespace

std::vector<FileStamp> run_stamps(const fs::path& folder, const RecordSources& sources) {
    const RunFolder run(folder);
    std::vector<FileStamp> stamps;
    const fs::path evaluation = sources.evaluation.empty() ? run.evaluation() : sources.evaluation;
    for (const fs::path& file : {run.config(), run.log(), run.metrics(), run.model(), evaluation})
        add_stamp(file, stamps);
    add_files_of(run.samples(), stamps);
    add_files_of(sources.interpolation.empty() ? run.interpolation() : sources.interpolation, stamps);
    return stamps;
}

}  // namespace musegan
