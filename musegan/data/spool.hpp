// A temporary file for bytes that are too many for memory: appended piece by piece, then read as one range.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "io/file.hpp"

namespace musegan {

/// The file has no name: it is removed from its folder as soon as it is made, so that nothing stays behind however the
/// process ends.
class Spool {
  public:
    /// Throws Error when `folder` cannot hold a file.
    explicit Spool(const std::filesystem::path& folder);
    ~Spool();
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;

    /// Throws Error on a full disk.
    void append(std::span<const std::uint8_t> bytes);
    std::int64_t bytes() const { return bytes_; }
    /// Everything appended, mapped for reading; valid until the next append or the end of the spool.
    std::span<const std::uint8_t> map();

  private:
    void unmap();

    std::filesystem::path folder_;
    io::FileDescriptor file_;
    std::int64_t bytes_ = 0;
    void* mapping_ = nullptr;
    std::size_t mapped_bytes_ = 0;
};

}  // namespace musegan
