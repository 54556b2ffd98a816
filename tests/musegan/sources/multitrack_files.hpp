// Files of pypianoroll for tests, whole and damaged.
#pragma once

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "io/npy.hpp"
#include "io/zip.hpp"

namespace support {

/// A track by its cells, (step, pitch) each.
struct TrackCells {
    std::string info;  ///< JSON
    std::int64_t steps = 0;
    std::vector<std::pair<int, int>> cells{};
};

/// The entries of a file, to be damaged before they are zipped: arrays by name, texts by name.
class MultitrackFile {
  public:
    explicit MultitrackFile(const std::vector<TrackCells>& tracks, const std::string& head = R"("resolution": 24)") {
        std::string info = "{" + head;
        for (std::size_t k = 0; k < tracks.size(); ++k) {
            info += ", \"" + std::to_string(k) + "\": " + tracks[k].info;
            add_track(k, tracks[k]);
        }
        set("info.json", info + "}");
    }

    template <typename T>
    void array(const std::string& name, const std::vector<T>& values) {
        set_array(name + ".npy", io::npy_array(std::span<const T>(values)));
    }
    void set_array(const std::string& entry, const io::NpyArray& array) {
        const auto bytes = io::serialize_npy(array, entry);
        set(entry, {bytes.begin(), bytes.end()});
    }
    void set(const std::string& entry, std::string content) { entries_[entry] = std::move(content); }
    void remove(const std::string& entry) { entries_.erase(entry); }

    std::vector<std::uint8_t> bytes() const {
        io::ZipWriter writer;
        for (const auto& [name, content] : entries_) writer.add(name, content);
        return writer.serialize();
    }

  private:
    void add_track(std::size_t k, const TrackCells& track) {
        std::vector<std::int32_t> rows, begin{0};
        for (int pitch = 0; pitch < 128; ++pitch) {
            for (const auto& [step, cell_pitch] : track.cells)
                if (cell_pitch == pitch) rows.push_back(step);
            begin.push_back(static_cast<std::int32_t>(rows.size()));
        }
        const std::string name = "pianoroll_" + std::to_string(k) + "_csc_";
        array(name + "data", std::vector<std::uint8_t>(rows.size(), 80));
        array(name + "indices", rows);
        array(name + "indptr", begin);
        array(name + "shape", std::vector<std::int64_t>{track.steps, 128});
    }

    std::map<std::string, std::string> entries_;
};

/// The cells [begin, end) at one pitch.
inline std::vector<std::pair<int, int>> run(int begin, int end, int pitch) {
    std::vector<std::pair<int, int>> cells;
    for (int step = begin; step < end; ++step) cells.emplace_back(step, pitch);
    return cells;
}

}  // namespace support
