// A disk that is full, as far as one process can see.
#pragma once

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>

#include "tests/support/compare.hpp"

namespace support {

/// While it lives, no file of this process can grow beyond `bytes`, as on a full disk.
class FullDisk {
  public:
    explicit FullDisk(rlim_t bytes) {
        handler_ = std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit now{bytes, before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &now) == 0);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }

  private:
    rlimit before_{};
    void (*handler_)(int) = nullptr;
};

/// The error message of `action` on a disk with room for `bytes` per file.
template <typename Action>
std::string message_on_full_disk(rlim_t bytes, Action action) {
    const FullDisk disk(bytes);
    return message_of(action);
}

}  // namespace support
