// Whether anything of a run has changed since its report was made, without opening a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "musegan/pages/run_record.hpp"

namespace musegan {

/// A file as the file system describes it.
struct FileStamp {
    std::filesystem::path path{};
    std::uintmax_t bytes = 0;
    std::filesystem::file_time_type written{};
    bool operator==(const FileStamp&) const = default;
};

/// Of every file that read_run reads of a run, in a fixed order; of one that is not there, none. The page itself and
/// the events are not among them. Throws nothing: what changes while it looks is seen the next time.
std::vector<FileStamp> run_stamps(const std::filesystem::path& folder, const RecordSources& sources = {});

}  // namespace musegan
