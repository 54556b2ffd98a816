// What ran on a device, and how long each part took: the observer behind profiles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tensor/activity_trace.hpp"
#include "tensor/launch_facts.hpp"
#include "tensor/mark.hpp"
#include "tensor/observer.hpp"

namespace tensor {

class Backend;

/// An operator or a launch: where it came from and what it cost.
struct Record {
    Scope scope;  ///< scope.kernel is "" for an operator
    double flops = 0, bytes = 0, milliseconds = 0;
    double start = 0;  ///< milliseconds from the beginning of the first record of the same take()
    std::optional<LaunchFacts> launch{};
    /// Of a processor, if asked for: milliseconds that each thread ran meanwhile, the calling thread first.
    std::vector<double> threads{};
};

/// Records each piece of work of one device once: every launch, and every operator that starts none, which on the CPU
/// is every operator. An operator made of others is recorded with what is its own: its time, FLOPs and bytes less those
/// of the operators in it, and not at all if nothing is left; it starts where it begins.
///
/// Times are those between marks, which belong to them: tens of nanoseconds on the CPU, a microsecond or two on a GPU.
/// With a trace they are those of the device's activities, and each of these is a record. The longest of an event has
/// the event's FLOPs and bytes, the others none. The longest of a launch also has the launch's name, unless a library
/// chose the kernel; all others have their own.
class Recorder final : public Observer {
  public:
    /// The trace, if there is one, must outlive the recorder, whose take() empties it. Throws Error if the device is
    /// not there.
    /// `per_thread`, without a trace: with what each thread does (Backend::make_thread_mark).
    explicit Recorder(Device device, ActivityTrace* trace = nullptr, bool per_thread = false);
    ~Recorder() override;

    void begin(const Event& event) override;
    void end(const Event& event) override;

    /// What was recorded since the last call, in the order in which it began. Waits for the device. Throws Error while
    /// an operator is open, or where the trace has lost something; what was recorded is then gone.
    std::vector<Record> take();

  private:
    struct Entry {
        Record record;
        std::uint64_t id = 0;   ///< for the trace: greater than those of all events before, of every recorder
        std::size_t outer = 0;  ///< index of the operator around it, plus one; 0 for none
        bool on_device = false, launches = false, chosen_by_library = false;
    };
    struct Marks {
        std::unique_ptr<Mark> start, stop;
    };

    void mark_begin(std::size_t index);
    static std::vector<Record> own_work(const std::vector<Entry>& entries);
    static bool is_recorded(const Entry& entry, const Record& own);
    std::vector<Record> from_marks(const std::vector<Entry>& entries) const;
    std::vector<Record> from_trace(const std::vector<Entry>& entries) const;

    Device device_;
    const Backend& backend_;
    ActivityTrace* trace_;
    bool per_thread_;
    std::vector<Entry> entries_;  ///< all events, in the order in which they began
    std::vector<Marks> marks_;    ///< of entries_, without a trace; grows and is used again
    std::size_t open_ = 0;        ///< index of the innermost open event, plus one
};

}  // namespace tensor
