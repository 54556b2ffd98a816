// Work that is issued again and again with other numbers, such as an update of a network: a device may keep what was
// launched, and start that again without any operator being called.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "tensor/tensor.hpp"

namespace tensor {

/// How often a Repetition took each way.
struct RepetitionCounts {
    std::int64_t eager = 0;     ///< each operator was issued by itself
    std::int64_t captured = 0;  ///< what the operators launched was kept, and then started as one
    std::int64_t replayed = 0;  ///< what had been kept was started, and no operator was called
    std::int64_t rebuilt = 0;   ///< of those captured: the device could not take them in place of what it had kept
    std::string refused;        ///< why the device keeps nothing; empty while it does, and where it never tries
};

/// Made by Backend::make_repetition for one piece of work. Everything that the work uses and does not make itself
/// (parameters, data) must stay where it is in memory as long as this lives.
class Repetition {
  public:
    /// Issues operators, the same on tensors of the same shapes each time, and returns tensors that others are to read
    /// (some may have no value). It reads nothing back, and leaves no trace on the host that somebody relies on, since
    /// it is not called for a replay. `words`, if not null, is where the device will find the words of run(), in their
    /// order: operators are handed their addresses (`held`, RandomStream::origin). If null, it takes the numbers from
    /// the host.
    using Work = std::function<std::vector<Tensor>(const std::uint64_t* words)>;

    virtual ~Repetition() = default;
    /// Runs the work with these words, as many each time. What it returned is overwritten by the next run. What `work`
    /// throws is thrown on.
    virtual std::vector<Tensor> run(std::span<const std::uint64_t> words, const Work& work) = 0;
    /// To be called when a number has changed that is none of the words: what was kept is not started again.
    virtual void forget() {}

    const RepetitionCounts& counts() const { return counts_; }

  protected:
    RepetitionCounts counts_;
};

}  // namespace tensor
