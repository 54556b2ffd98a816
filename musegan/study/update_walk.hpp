// One update as it happened: what each operator of the penalty read and made, what it left on the tape, and which rule
// called it. Nothing here computes an update; it watches the one that training runs.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/tape_observer.hpp"
#include "musegan/study/explanation.hpp"
#include "tensor/observer.hpp"

namespace musegan {

using autograd::Variable;
using tensor::Tensor;

/// An entry that an operator left on the tape.
struct WalkEntry {
    std::shared_ptr<const autograd::Node> node;
    Tensor value;                        ///< none where a fused operator skips it
    std::optional<double> mask_slope{};  ///< of LeakyReLU and of its mask
};

/// An operator of the penalty.
struct WalkEvent {
    UpdateStage stage = UpdateStage::forward;
    tensor::Scope scope;
    std::string rule;  ///< the operator of the entry whose rule called it; "" for none
    std::vector<Tensor> operands, results;
    Tensor value;     ///< its first result as it was when the operator ended
    double norm = 0;  ///< of all parts, where it cuts a value; else of the first result
    std::array<double, 2> numbers{};
    double flops = 0, bytes = 0;
    std::vector<std::string> launches;  ///< of kernels, on a GPU
    std::vector<WalkEntry> entries;

    /// Which of its results `tensor` is, or lies in; the first where it is none of them.
    std::size_t result_of(const Tensor& tensor) const;
    /// Whether its results are parts of one value.
    bool cuts() const { return std::string_view(scope.operation) == "split"; }
};

/// The gradient of a sweep's outputs by the value of an entry, or a term of it. An entry that is another one's value in
/// another shape has terms alone.
struct WalkCotangent {
    std::uint64_t node = 0;
    bool is_leaf = false;
    Tensor value;
    std::size_t event = 0;  ///< that made it
    UpdateStage stage = UpdateStage::gradient;
};

/// What an update's loss terms send to a leaf: one of explained_terms.
struct WalkLeaf {
    std::uint64_t node = 0;
    std::size_t term = 0;
    Tensor value;
};

/// The observer. It keeps what was computed in the penalty's phases alive, and of the other phases what arrives at
/// leaves. `keeps_values` false, for the dry device: it counts bytes and keeps nothing.
class UpdateWalk final : public tensor::Observer, public autograd::TapeObserver {
  public:
    explicit UpdateWalk(bool keeps_values = true) : keeps_values_(keeps_values) {}

    void begin(const tensor::Event& event) override;
    void end(const tensor::Event& event) override;
    void recorded(const Variable& entry) override;
    void begin_rule(const autograd::Node& node, const Variable& cotangent) override;
    void end_rule(const autograd::Node& node) override;
    void sent(const autograd::Node& node, const Variable& term) override;
    void arrived(const autograd::Node& node, const Variable& cotangent) override;

    /// To be called when the update is done.
    void finish();

    const std::vector<WalkEvent>& events() const { return events_; }
    const std::vector<WalkCotangent>& terms() const { return terms_; }
    const std::vector<WalkCotangent>& cotangents() const { return cotangents_; }
    const std::vector<WalkLeaf>& leaves() const { return leaves_; }
    /// The first event of a stage; as many as there are where it has none.
    std::size_t first_of(UpdateStage stage) const;
    /// The event whose result is the value of the entry with this id, or which left it without one; nothing for a leaf
    /// and for an argument of a composition, which stands for another one's value.
    std::optional<std::size_t> event_of(std::uint64_t node) const;
    /// The last event before number `before` that wrote the memory where `tensor` lies.
    std::optional<std::size_t> producer_of(const Tensor& tensor, std::size_t before) const;
    /// Of all results of the penalty's operators.
    std::int64_t bytes() const { return bytes_; }

  private:
    void read_masks();
    void keep_cotangent(std::vector<WalkCotangent>& list, const autograd::Node& node, const Variable& value);

    bool keeps_values_;
    std::vector<WalkEvent> events_;
    std::vector<WalkCotangent> terms_, cotangents_;
    std::vector<WalkLeaf> leaves_;
    std::map<std::uint64_t, std::size_t> event_of_;
    std::vector<std::string> rules_, launches_;
    int open_ = 0;
    std::int64_t bytes_ = 0;
};

/// The stage of a phase of training (training/phases.hpp); nothing for phases that are not the penalty's.
std::optional<UpdateStage> stage_of(const char* phase);

}  // namespace musegan
