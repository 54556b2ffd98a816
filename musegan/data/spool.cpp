#include "musegan/data/spool.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

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

Spool::~Spool() { unmap(); }

void Spool::unmap() {
    if (mapping_ != nullptr) ::munmap(mapping_, mapped_bytes_);
    mapping_ = nullptr;
}

void Spool::append(std::span<const std::uint8_t> bytes) {
    unmap();
    while (!bytes.empty()) {
        const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            tensor::fail(folder_.string(), "the temporary file cannot grow past {} bytes: {}", bytes_, reason(errno));
        }
        bytes_ += written;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

std::span<const std::uint8_t> Spool::map() {
    if (bytes_ == 0) return {};
    if (mapping_ == nullptr) {
        mapped_bytes_ = static_cast<std::size_t>(bytes_);
        void* const address = ::mmap(nullptr, mapped_bytes_, PROT_READ, MAP_PRIVATE, file_.get(), 0);
        if (address == MAP_FAILED) {
            tensor::fail(folder_.string(), "the temporary file of {} bytes cannot be mapped: {}", bytes_,
                         reason(errno));
        }
        mapping_ = address;
    }
    return {static_cast<const std::uint8_t*>(mapping_), mapped_bytes_};
}

}  // namespace musegan
