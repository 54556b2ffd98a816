#include "io/tfevents.hpp"

#include <unistd.h>

#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <system_error>
#include <utility>

#include "io/crc32c.hpp"
#include "tensor/error.hpp"

namespace io {
namespace {

using Bytes = std::vector<std::uint8_t>;

// Protobuf's wire types, the low three bits of a field's key.
enum class Wire { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

/// Seven bits per byte, least significant first, all but the last with bit 7 set.
void append_varint(Bytes& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
    out.push_back(static_cast<std::uint8_t>(value));
}

void append_key(Bytes& out, int field, Wire wire) {
    append_varint(out, static_cast<std::uint64_t>(field << 3 | static_cast<int>(wire)));
}

template <typename Word>
void append_little_endian(Bytes& out, Word word) {
    for (std::size_t i = 0; i < sizeof(Word); ++i) out.push_back(static_cast<std::uint8_t>(word >> (8 * i)));
}

void append_integer(Bytes& out, int field, std::int64_t value) {
    append_key(out, field, Wire::varint);
    append_varint(out, static_cast<std::uint64_t>(value));
}

void append_bytes(Bytes& out, int field, std::span<const std::uint8_t> bytes) {
    append_key(out, field, Wire::bytes);
    append_varint(out, bytes.size());
    out.insert(out.end(), bytes.begin(), bytes.end());
}

Bytes begin_event(double wall_time, std::int64_t step) {
    Bytes event;
    append_key(event, 1, Wire::fixed64);
    append_little_endian(event, std::bit_cast<std::uint64_t>(wall_time));
    if (step != 0) append_integer(event, 2, step);
    return event;
}

/// Event{summary: {value: {tag, ...}}}, where `content` is the encoded rest of the Value message.
Bytes summary_event(double wall_time, std::int64_t step, std::string_view tag, std::span<const std::uint8_t> content) {
    Bytes value;
    append_bytes(value, 1, as_bytes(tag));
    value.insert(value.end(), content.begin(), content.end());
    Bytes summary;
    append_bytes(summary, 1, value);
    Bytes event = begin_event(wall_time, step);
    append_bytes(event, 5, summary);
    return event;
}

/// This machine's name, with anything that could disturb a file name replaced.
std::string host_name() {
    std::array<char, 256> buffer{};
    if (::gethostname(buffer.data(), buffer.size() - 1) != 0 || buffer[0] == '\0') return "localhost";
    std::string name(buffer.data());
    for (char& c : name)
        if (c == '/' || c <= ' ' || c > '~') c = '_';
    return name;
}

AppendFile new_event_file(const std::filesystem::path& directory, double now) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    std::error_code unused;
    if (!std::filesystem::is_directory(directory, unused))
        tensor::fail(directory.string(), "cannot be made a folder for events: {}",
                     error ? error.message() : "something else stands there");
    if (!(now >= 0 && now < 1e10)) tensor::fail("event writer", "wall time {} s, expected 0 to 1e10", now);
    // The first free number, so that two runs resumed within one second get two files.
    for (int number = 0;; ++number) {
        const std::string name = fmt::format("events.out.tfevents.{:010}.{}.{}.{}", static_cast<std::int64_t>(now),
                                             host_name(), ::getpid(), number);
        const std::filesystem::path path = directory / name;
        if (!std::filesystem::exists(path, unused)) return AppendFile(path, AppendFile::Mode::create_new);
    }
}

}  // namespace

std::uint32_t masked_crc32c(std::span<const std::uint8_t> bytes) { return std::rotr(crc32c(bytes), 15) + 0xA282EAD8u; }

Bytes version_event(double wall_time) {
    Bytes event = begin_event(wall_time, 0);
    append_bytes(event, 3, as_bytes("brain.Event:2"));
    return event;
}

Bytes scalar_event(double wall_time, std::int64_t step, std::string_view tag, float value) {
    Bytes content;
    append_key(content, 2, Wire::fixed32);
    append_little_endian(content, std::bit_cast<std::uint32_t>(value));
    return summary_event(wall_time, step, tag, content);
}

Bytes image_event(double wall_time, std::int64_t step, std::string_view tag, const PngPicture& picture) {
    constexpr int rgb_colorspace = 3;
    Bytes message;
    append_integer(message, 1, picture.height);
    append_integer(message, 2, picture.width);
    append_integer(message, 3, rgb_colorspace);
    append_bytes(message, 4, picture.bytes);
    Bytes content;
    append_bytes(content, 4, message);
    return summary_event(wall_time, step, tag, content);
}

Bytes event_record(std::span<const std::uint8_t> event) {
    Bytes record;
    record.reserve(event.size() + 16);
    append_little_endian(record, static_cast<std::uint64_t>(event.size()));
    append_little_endian(record, masked_crc32c(record));
    record.insert(record.end(), event.begin(), event.end());
    append_little_endian(record, masked_crc32c(event));
    return record;
}

double system_wall_clock() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

EventWriter::EventWriter(const std::filesystem::path& directory, WallClock clock)
    : clock_(std::move(clock)), file_(new_event_file(directory, clock_())) {
    file_.write(event_record(version_event(clock_())));
}

void EventWriter::scalar(std::string_view tag, double value, std::int64_t step) {
    file_.write(event_record(scalar_event(clock_(), step, tag, static_cast<float>(value))));
}

void EventWriter::image(std::string_view tag, const PngPicture& picture, std::int64_t step) {
    file_.write(event_record(image_event(clock_(), step, tag, picture)));
}

}  // namespace io
