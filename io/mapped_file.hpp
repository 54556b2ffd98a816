// A file mapped into memory for reading, and one clear line where it is cut short under its reader.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "io/file.hpp"

namespace io {

/// A whole file as bytes, read by the system as they are touched. The file may be replaced by a rename meanwhile, as
/// AtomicFile does. Where it is cut short instead, or its disk fails, the system sends SIGBUS to who touches what is
/// gone: see exit_where_a_mapping_fails().
class MappedFile {
  public:
    MappedFile() = default;
    /// Throws tensor::Error, naming `name`, where the system refuses. `name` is also what a failure later names.
    MappedFile(const OpenedFile& file, const std::string& name);
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    std::span<const std::uint8_t> bytes() const { return bytes_; }

  private:
    struct Record;
    friend const char* mapped_file_at(const void* address) noexcept;
    static Record* enter(std::span<const std::uint8_t> bytes, const std::string& name);

    std::span<const std::uint8_t> bytes_;
    Record* record_ = nullptr;
};

/// The name of the mapped file that `address` lies in, null for none. Safe in a signal handler: it takes no lock and no
/// memory, and a record lives as long as the process.
const char* mapped_file_at(const void* address) noexcept;

/// For a program's beginning: where a mapped file is cut short or its disk fails while it is read, the process says
/// "PROGRAM: [file] was cut short (or its disk failed) while it was read" on standard error, and exits with 1. A bus
/// error at any other address keeps its default action. `program` must live as long as the process.
void exit_where_a_mapping_fails(const char* program);

}  // namespace io
