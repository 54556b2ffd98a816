// Sound as WAV files: 16-bit PCM, written piece by piece.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "io/atomic_file.hpp"

namespace io {

struct WavFormat {
    int channels = 2;
    int frames_per_second = 44100;  ///< a frame has one sample of each channel
};

/// The most frames that a WAV file holds: its lengths are 32-bit counts of bytes.
std::int64_t most_wav_frames(const WavFormat& format);

/// A WAV file that appears whole or not at all (atomic_file.hpp). Samples go to the disk as they come; the lengths in
/// its header are set by commit(). The layout is that of "Multimedia Programming Interface and Data Specifications 1.0"
/// (IBM and Microsoft, 1991): a RIFF file of form WAVE with the chunks "fmt " (PCM) and "data".
class WavWriter {
  public:
    /// Throws tensor::Error for a format out of range (1 to 8 channels, 1 to 1,000,000 frames a second), and as
    /// AtomicFile::open() does.
    explicit WavWriter(const std::filesystem::path& path, const WavFormat& format = {});

    /// Appends whole frames: the channels' samples take turns. Throws tensor::Error for a frame cut short, beyond
    /// most_wav_frames(), and as AtomicFile::write() does.
    void write(std::span<const std::int16_t> samples);
    /// Makes the file appear. Throws as AtomicFile::commit() does.
    void commit();

    std::int64_t frames() const { return frames_; }

  private:
    std::string name_;
    WavFormat format_;
    AtomicFile file_;
    std::int64_t frames_ = 0;
};

}  // namespace io
