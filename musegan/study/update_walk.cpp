#include "musegan/study/update_walk.hpp"

#include <algorithm>
#include <string_view>

#include "musegan/study/tensor_numbers.hpp"
#include "musegan/training/phases.hpp"

namespace musegan {

std::optional<UpdateStage> stage_of(const char* phase) {
    const std::string_view word(phase);
    if (word == phases::forward_interpolated) return UpdateStage::forward;
    if (word == phases::penalty_slopes) return UpdateStage::gradient;
    if (word == phases::penalty_backward) return UpdateStage::second_backward;
    return std::nullopt;
}

namespace {

/// Which term of the loss a phase's sweep belongs to (explained_terms).
std::optional<std::size_t> term_of(const char* phase) {
    const std::string_view word(phase);
    if (word == phases::backward_fake) return 0;
    if (word == phases::backward_real) return 1;
    if (word == phases::penalty_backward) return 2;
    return std::nullopt;
}

bool covers(const Tensor& whole, const Tensor& part) {
    const auto* const begin = static_cast<const std::byte*>(whole.raw());
    const auto* const at = static_cast<const std::byte*>(part.raw());
    return whole.device() == part.device() && at >= begin && at < begin + std::max<std::int64_t>(whole.bytes(), 1);
}

/// Whether a later operator may write into the result: a sum of cotangents that nobody differentiates grows in place.
bool may_change(const tensor::Scope& scope) {
    const std::string_view word(scope.operation);
    return word == "add" || word == "accumulate";
}

}  // namespace

std::size_t WalkEvent::result_of(const Tensor& tensor) const {
    for (std::size_t r = 0; r < results.size(); ++r)
        if (covers(results[r], tensor)) return r;
    return 0;
}

void UpdateWalk::read_masks() {
    if (events_.empty()) return;
    for (WalkEntry& entry : events_.back().entries)
        if (entry.node->mask) entry.mask_slope = entry.node->mask->slope;
}

void UpdateWalk::begin(const tensor::Event&) {
    if (open_++ == 0) {
        launches_.clear();
        read_masks();
    }
}

void UpdateWalk::end(const tensor::Event& event) {
    if (--open_ > 0) {
        if (event.is_launch() && event.ran) launches_.emplace_back(event.scope.kernel);
        return;
    }
    const std::optional<UpdateStage> stage = stage_of(event.scope.phase);
    if (!event.ran || !stage || event.results.empty()) return;
    for (const Tensor* result : event.results) bytes_ += result->bytes();
    if (!keeps_values_) return;
    WalkEvent kept;
    kept.stage = *stage;
    kept.scope = event.scope;
    kept.numbers = event.numbers;
    kept.rule = rules_.empty() ? "" : rules_.back();
    for (const Tensor* operand : event.operands) kept.operands.push_back(*operand);
    for (const Tensor* result : event.results) kept.results.push_back(*result);
    kept.value = may_change(event.scope) ? kept.results.front().clone() : kept.results.front();
    kept.norm = norm_of(kept.value);
    if (kept.cuts()) kept.norm = norm_of(kept.results);
    kept.flops = event.flops;
    kept.bytes = event.bytes;
    kept.launches = launches_;
    events_.push_back(std::move(kept));
}

void UpdateWalk::recorded(const Variable& entry) {
    if (!keeps_values_ || !entry.node() || !stage_of(tensor::current_scope().phase) || events_.empty()) return;
    // A move without an operator, such as reshape, belongs to whoever made its value.
    const std::optional<std::size_t> event =
        entry.has_value() ? producer_of(entry.value(), events_.size()) : events_.size() - 1;
    if (!event) return;
    events_[*event].entries.push_back({entry.node(), entry.has_value() ? entry.value() : Tensor()});
    if (std::string_view(entry.node()->operation) != "argument") event_of_[entry.node()->id] = *event;
}

void UpdateWalk::begin_rule(const autograd::Node& node, const Variable&) { rules_.emplace_back(node.operation); }
void UpdateWalk::end_rule(const autograd::Node&) { rules_.pop_back(); }

void UpdateWalk::keep_cotangent(std::vector<WalkCotangent>& list, const autograd::Node& node, const Variable& value) {
    const std::optional<UpdateStage> stage = stage_of(tensor::current_scope().phase);
    if (!keeps_values_ || !stage || events_.empty()) return;
    if (const auto producer = producer_of(value.value(), events_.size()))
        list.push_back({node.id, node.inputs.empty(), value.value(), *producer, *stage});
}

void UpdateWalk::sent(const autograd::Node& node, const Variable& term) { keep_cotangent(terms_, node, term); }

void UpdateWalk::arrived(const autograd::Node& node, const Variable& cotangent) {
    // Another shape of a value is read beside it, so what arrives there is a part of the value's own cotangent.
    if (std::string_view(node.operation) != "reshape") keep_cotangent(cotangents_, node, cotangent);
    const std::optional<std::size_t> term = term_of(tensor::current_scope().phase);
    if (keeps_values_ && term && node.inputs.empty()) leaves_.push_back({node.id, *term, cotangent.value()});
}

void UpdateWalk::finish() { read_masks(); }

std::size_t UpdateWalk::first_of(UpdateStage stage) const {
    return static_cast<std::size_t>(std::ranges::find(events_, stage, &WalkEvent::stage) - events_.begin());
}

std::optional<std::size_t> UpdateWalk::event_of(std::uint64_t node) const {
    const auto found = event_of_.find(node);
    return found == event_of_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::size_t> UpdateWalk::producer_of(const Tensor& tensor, std::size_t before) const {
    for (std::size_t k = std::min(before, events_.size()); k-- > 0;)
        for (const Tensor& result : events_[k].results)
            if (covers(result, tensor)) return k;
    return std::nullopt;
}

}  // namespace musegan
