#include "io/mapped_file.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>

#include "tensor/error.hpp"

namespace io {

/// A place in the list of mapped ranges. Records are never freed, only used again: a signal handler may be reading one.
/// The range is published after the name; who touches a mapped byte keeps the mapping, so its name stands still.
struct MappedFile::Record {
    std::atomic<bool> is_taken = false;
    std::atomic<std::uintptr_t> begin = 0, end = 0;  // an empty range while nothing is mapped
    std::string name;
    Record* next = nullptr;

    static inline std::atomic<Record*> first = nullptr;
};

namespace {

static_assert(std::atomic<std::uintptr_t>::is_always_lock_free, "a signal handler reads the ranges");

const char* program_name = "";

/// All of `text` to standard error, by the system call alone.
void say(const char* text) {
    std::size_t left = std::strlen(text);
    while (left > 0) {
        const ssize_t written = ::write(STDERR_FILENO, text, left);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        text += written;
        left -= static_cast<std::size_t>(written);
    }
}

void on_bus_error(int signal, siginfo_t* information, void*) {
    const bool is_fault = information->si_code > 0;  // not sent by a process
    const char* const file = is_fault ? mapped_file_at(information->si_addr) : nullptr;
    if (file == nullptr) {
        std::signal(signal, SIG_DFL);
        if (!is_fault) std::raise(signal);
        return;  // a fault happens again, and is not caught
    }
    for (const char* part : {program_name, ": [", file, "] was cut short (or its disk failed) while it was read\n"})
        say(part);
    ::_exit(1);
}

}  // namespace

MappedFile::MappedFile(const OpenedFile& file, const std::string& name) {
    if (file.bytes == 0) return;  // mmap refuses a length of 0
    const auto length = static_cast<std::size_t>(file.bytes);
    void* const address = ::mmap(nullptr, length, PROT_READ, MAP_PRIVATE, file.descriptor.get(), 0);
    if (address == MAP_FAILED)
        tensor::fail(name, "cannot be mapped into memory: {}", std::generic_category().message(errno));
    bytes_ = {static_cast<const std::uint8_t*>(address), length};
    record_ = enter(bytes_, name);
}

MappedFile::~MappedFile() {
    if (record_ == nullptr) return;
    record_->end = 0;
    record_->begin = 0;
    ::munmap(const_cast<std::uint8_t*>(bytes_.data()), bytes_.size());
    record_->is_taken = false;
}

MappedFile::Record* MappedFile::enter(std::span<const std::uint8_t> bytes, const std::string& name) {
    Record* record = Record::first;
    while (record != nullptr && record->is_taken.exchange(true)) record = record->next;
    const bool is_new = record == nullptr;
    if (is_new) {
        record = new Record;
        record->is_taken = true;
    }
    record->name = name;
    // It will stand in one line on a terminal.
    std::replace_if(
        record->name.begin(), record->name.end(), [](unsigned char c) { return c < 32 || c == 127; }, '?');
    const auto begin = reinterpret_cast<std::uintptr_t>(bytes.data());
    record->begin = begin;
    record->end = begin + bytes.size();
    if (is_new) {
        record->next = Record::first;
        while (!Record::first.compare_exchange_weak(record->next, record)) {
        }
    }
    return record;
}

const char* mapped_file_at(const void* address) noexcept {
    const auto place = reinterpret_cast<std::uintptr_t>(address);
    for (const MappedFile::Record* record = MappedFile::Record::first; record != nullptr; record = record->next)
        if (place >= record->begin && place < record->end) return record->name.c_str();
    return nullptr;
}

void exit_where_a_mapping_fails(const char* program) {
    program_name = program;
    struct sigaction action {};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO;
    ::sigemptyset(&action.sa_mask);
    ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace io
