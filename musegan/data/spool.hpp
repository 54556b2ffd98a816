// A temporary file for bytes that are too many for memory: appended piece by piece, and read again.
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

    /// Throws Error on a full disk, and then holds what it held before.
    void append(std::span<const std::uint8_t> bytes);
    std::int64_t bytes() const { return bytes_; }
    /// The bytes from `offset` on. Throws Error where they are not all there.
    void read(std::int64_t offset, std::span<std::uint8_t> bytes) const;

  private:
    std::filesystem::path folder_;
    io::FileDescriptor file_;
    std::int64_t bytes_ = 0;
};

}  // namespace musegan
