#include "io/wav.hpp"

#include <limits>
#include <string_view>
#include <vector>

#include "tensor/error.hpp"

namespace io {

namespace {

constexpr std::int64_t header_bytes = 44, bytes_per_sample = 2;
constexpr std::int64_t bytes_before_riff_length_ends = 8;  // "RIFF" and the length, which counts what follows it

/// Little-endian, as all numbers of a RIFF file.
void append(std::vector<std::uint8_t>& bytes, std::int64_t value, int count) {
    for (int k = 0; k < count; ++k) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * k)));
}

void append(std::vector<std::uint8_t>& bytes, std::string_view text) {
    bytes.insert(bytes.end(), text.begin(), text.end());
}

std::int64_t bytes_per_frame(const WavFormat& format) { return format.channels * bytes_per_sample; }

std::vector<std::uint8_t> header(const WavFormat& format, std::int64_t frames) {
    constexpr int pcm = 1, fmt_bytes = 16;
    const std::int64_t data_bytes = frames * bytes_per_frame(format);
    std::vector<std::uint8_t> bytes;
    append(bytes, "RIFF");
    append(bytes, header_bytes - bytes_before_riff_length_ends + data_bytes, 4);
    append(bytes, "WAVEfmt ");
    append(bytes, fmt_bytes, 4);
    append(bytes, pcm, 2);
    append(bytes, format.channels, 2);
    append(bytes, format.frames_per_second, 4);
    append(bytes, format.frames_per_second * bytes_per_frame(format), 4);
    append(bytes, bytes_per_frame(format), 2);
    append(bytes, 8 * bytes_per_sample, 2);
    append(bytes, "data");
    append(bytes, data_bytes, 4);
    return bytes;
}

WavFormat checked(const WavFormat& format) {
    if (format.channels < 1 || format.channels > 8)
        tensor::fail("wav", "{} channels, expected 1 to 8", format.channels);
    if (format.frames_per_second < 1 || format.frames_per_second > 1'000'000)
        tensor::fail("wav", "{} frames a second, expected 1 to 1000000", format.frames_per_second);
    return format;
}

}  // namespace

std::int64_t most_wav_frames(const WavFormat& format) {
    constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
    return (most - (header_bytes - bytes_before_riff_length_ends)) / bytes_per_frame(format);
}

WavWriter::WavWriter(const std::filesystem::path& path, const WavFormat& format)
    : name_(path.string()), format_(checked(format)), file_(AtomicFile::open(path)) {
    file_.write(header(format_, 0));
}

void WavWriter::write(std::span<const std::int16_t> samples) {
    const auto count = static_cast<std::int64_t>(samples.size());
    if (count % format_.channels != 0)
        tensor::fail(name_, "{} samples, expected whole frames of {}", count, format_.channels);
    const std::int64_t most = most_wav_frames(format_), frames = frames_ + count / format_.channels;
    if (frames > most)
        tensor::fail(name_, "{} frames or more, expected at most {}: a WAV file holds no more than 4 GiB", frames,
                     most);
    std::vector<std::uint8_t> bytes;
    bytes.reserve(samples.size() * bytes_per_sample);
    for (const std::int16_t sample : samples) append(bytes, sample, bytes_per_sample);
    file_.write(bytes);
    frames_ = frames;
}

void WavWriter::commit() {
    file_.rewrite_start(header(format_, frames_));
    file_.commit();
}

}  // namespace io
