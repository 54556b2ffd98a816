// TensorBoard event files: scalars and pictures of a run, encoded by hand (no protobuf library).
//
// A file is a sequence of records: length (8 bytes, little endian), masked CRC-32C of those 8 bytes, an Event message,
// masked CRC-32C of the message. The first Event carries the version text.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/append_file.hpp"

namespace io {

/// The CRC-32C (io/crc32c.hpp) rotated right by 15 bits, plus A282EAD8. The format masks every CRC that it stores,
/// because a CRC over data that contain CRCs checks them badly.
std::uint32_t masked_crc32c(std::span<const std::uint8_t> bytes);

/// A picture as an event carries it.
struct PngPicture {
    int width = 0;
    int height = 0;
    std::span<const std::uint8_t> bytes{};  ///< of an RGB PNG with these sides
};

/// Event messages (protobuf wire format): wall_time = 1, step = 2, file_version = 3, summary = 5. `wall_time` is in
/// seconds since 1970; a step of 0 is left out, as protobuf does.
std::vector<std::uint8_t> version_event(double wall_time);
std::vector<std::uint8_t> scalar_event(double wall_time, std::int64_t step, std::string_view tag, float value);
std::vector<std::uint8_t> image_event(double wall_time, std::int64_t step, std::string_view tag,
                                      const PngPicture& picture);
/// An Event message with its length and checksums around it.
std::vector<std::uint8_t> event_record(std::span<const std::uint8_t> event);

/// Seconds since 1970.
using WallClock = std::function<double()>;
double system_wall_clock();

/// Writes a new file events.out.tfevents.<seconds>.<host>.<process>.<number> in `directory`, which is made if it is
/// missing. One directory is one run in TensorBoard; a resumed run adds a file. All functions throw tensor::Error where
/// the file cannot be written.
class EventWriter {
  public:
    explicit EventWriter(const std::filesystem::path& directory, WallClock clock = system_wall_clock);

    void scalar(std::string_view tag, double value, std::int64_t step);
    void image(std::string_view tag, const PngPicture& picture, std::int64_t step);
    /// Hands everything written so far to the system; the destructor does so too, in silence.
    void flush() { file_.flush(); }
    /// Makes it last over a power cut.
    void sync() { file_.sync(); }
    const std::filesystem::path& path() const { return file_.path(); }

  private:
    WallClock clock_;
    AppendFile file_;
};

}  // namespace io
