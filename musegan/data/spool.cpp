#include "musegan/data/spool.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "tensor/error.hpp"

namespace musegan {

namespace {

std::string reason(int error) { return std::generic_category().message(error); }

}  // namespace

Spool::Spool(const std::filesystem::path& folder) : folder_(folder.empty() ? "." : folder) {
    std::string pattern = (folder_ / ".musegan-spool-XXXXXX").string();
    file_ = io::FileDescriptor(::mkostemp(pattern.data(), O_CLOEXEC));
    if (!file_.is_open()) {
        tensor::fail(folder_.string(), "no temporary file can be made here: {} (does the folder exist?)",
                     reason(errno));
    }
    ::unlink(pattern.c_str());
}

void Spool::append(std::span<const std::uint8_t> bytes) {
    const std::int64_t before = bytes_;
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(file_.get(), bytes.data(), bytes.size(), bytes_);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            const int error = errno;
            tensor::fail(folder_.string(), "the temporary file cannot grow past {} bytes: {}",
                         std::exchange(bytes_, before), reason(error));
        }
        bytes_ += written;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void Spool::read(std::int64_t offset, std::span<std::uint8_t> bytes) const {
    while (!bytes.empty()) {
        const ssize_t got = ::pread(file_.get(), bytes.data(), bytes.size(), offset);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0)
            tensor::fail(folder_.string(), "the temporary file of {} bytes cannot be read at {}: {}", bytes_, offset,
                         got < 0 ? reason(errno) : "it ends");
        offset += got;
        bytes = bytes.subspan(static_cast<std::size_t>(got));
    }
}

}  // namespace musegan
