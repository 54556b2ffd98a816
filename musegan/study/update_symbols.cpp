#include "musegan/study/update_symbols.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace musegan {

namespace {

/// What stands around the layers has the scope of the whole critic, or none.
bool is_layer(std::string_view layer) { return std::ranges::count(layer, '.') > 0; }

/// "3" of "h_{3}"; "" for a symbol without an index.
std::string index_of(const std::string& symbol) {
    const std::size_t open = symbol.find("_{");
    return open == std::string::npos ? "" : symbol.substr(open + 2, symbol.size() - open - 3);
}

}  // namespace

std::string layer_of_parameter(const std::string& name) {
    std::string layer = name;
    for (const std::string_view end : {".weight", ".bias", ".gamma", ".beta", ".norm"})
        if (layer.ends_with(end)) layer.resize(layer.size() - end.size());
    return layer;
}

std::string UpdateSymbols::number_of(const std::string& layer) const {
    const auto found = std::ranges::find(layers_, layer_of_parameter(layer));
    return found == layers_.end() ? layer : fmt::format("{}", found - layers_.begin() + 1);
}

std::string UpdateSymbols::read(const WalkEvent& from, std::size_t k, const Tensor& operand) const {
    const std::string& symbol = symbols_[k];
    const std::size_t result = from.result_of(operand);
    if (const auto other = others_.find({k, result}); other != others_.end()) return other->second;
    if (result == 0 && !from.cuts()) return symbol;
    const bool has_index = symbol.ends_with("}");
    return has_index ? fmt::format("{},{}}}", symbol.substr(0, symbol.size() - 1), result + 1)
                     : fmt::format("{}_{{{}}}", symbol, result + 1);
}

UpdateSymbols::UpdateSymbols(const UpdateWalk& walk, const layers::Parameters& parameters)
    : symbols_(walk.events().size()) {
    name_forward(walk);
    for (const layers::Parameter& parameter : parameters.trainable) {
        const std::string& name = parameter.name;
        const char* const letter = name.ends_with("weight")  ? "w"
                                   : name.ends_with("gamma") ? "gamma"
                                   : name.ends_with("beta")  ? "beta"
                                                             : "b";
        parameters_.push_back(fmt::format("{}_{{{}}}", letter, number_of(name)));
    }
    name_cotangents(walk, parameters);
    name_rest(walk);
    place(walk);
}

void UpdateSymbols::name_forward(const UpdateWalk& walk) {
    const std::vector<WalkEvent>& events = walk.events();
    std::map<std::string, std::vector<std::size_t>> of_layer;
    int others = 0;
    for (std::size_t k = 0; k < events.size(); ++k) {
        if (events[k].stage != UpdateStage::forward) continue;
        const std::string layer = layer_of_parameter(events[k].scope.layer);
        if (!is_layer(layer)) {
            const bool is_point = std::string_view(events[k].scope.operation) == "interpolate";
            symbols_[k] = is_point ? "x^" : fmt::format("c_{{{}}}", ++others);
            continue;
        }
        if (!of_layer.contains(layer)) layers_.push_back(layer);
        of_layer[layer].push_back(k);
    }
    for (const auto& [layer, list] : of_layer)
        for (std::size_t j = 0; j < list.size(); ++j)
            symbols_[list[j]] = j + 1 == list.size() ? fmt::format("h_{{{}}}", number_of(layer))
                                                     : fmt::format("h_{{{}.{}}}", number_of(layer), j + 1);
}

namespace {

/// Whether an entry stands in front of the LeakyReLU or the mask with which its operator ends: the same operator then
/// also applies that mask to what arrives.
bool is_before_mask(const WalkEvent& event, std::uint64_t node) {
    bool is_behind_entry = false;
    for (const WalkEntry& entry : event.entries) {
        if (is_behind_entry && entry.mask_slope) return true;
        is_behind_entry = is_behind_entry || entry.node->id == node;
    }
    return false;
}

bool has_mask(const WalkEvent& event) {
    return std::ranges::any_of(event.entries, [](const WalkEntry& entry) { return entry.mask_slope.has_value(); });
}

}  // namespace

std::string UpdateSymbols::cotangent_name(const UpdateWalk& walk, const WalkCotangent& cotangent,
                                          const std::map<std::uint64_t, std::size_t>& parameter_of) const {
    const bool is_second = cotangent.stage == UpdateStage::second_backward;
    if (const auto parameter = parameter_of.find(cotangent.node); parameter != parameter_of.end())
        return (is_second ? "dP/d" : "dD/d") + parameters_[parameter->second];
    const std::optional<std::size_t> k = walk.event_of(cotangent.node);
    if (!k) return !cotangent.is_leaf ? "" : is_second ? "dP/dx^" : "g";
    const WalkEvent& event = walk.events()[*k];
    const auto entry = std::ranges::find(event.entries, cotangent.node, [](const WalkEntry& e) { return e.node->id; });
    const std::string symbol = symbols_[*k].empty() ? "" : read(event, *k, entry->value);
    const bool is_whole = has_mask(event) && !is_before_mask(event, cotangent.node);
    if (!is_second) {
        if (symbol == "x^") return "g";
        if (symbol.empty()) return *k == walk.first_of(UpdateStage::gradient) ? "1" : "";
        return is_whole || !symbol.starts_with("h_") ? "dD/d" + symbol : fmt::format("u_{{{}}}", index_of(symbol));
    }
    if (symbol.empty()) return "";
    if (symbol == "g") return "k";
    if (event.stage == UpdateStage::gradient && symbol.starts_with("dD/dc_"))
        return fmt::format("j_{{{}}}", index_of(symbol));
    if (event.stage == UpdateStage::gradient && symbol.starts_with("dD/dh_"))
        return fmt::format("k_{{{}}}", index_of(symbol));
    if (event.stage == UpdateStage::gradient && symbol.starts_with("u_") && !is_whole)
        return fmt::format("k_{{{}}}", index_of(symbol));
    return "dP/d" + symbol;
}

void UpdateSymbols::name_result(const UpdateWalk& walk, const WalkCotangent& cotangent, const std::string& name) {
    const WalkEvent& event = walk.events()[cotangent.event];
    if (event.cuts() || name.empty()) return;
    const std::size_t result = event.result_of(cotangent.value);
    std::string& symbol = result == 0 ? symbols_[cotangent.event] : others_[{cotangent.event, result}];
    if (symbol.empty()) symbol = name;
}

void UpdateSymbols::name_cotangents(const UpdateWalk& walk, const layers::Parameters& parameters) {
    std::map<std::uint64_t, std::size_t> parameter_of;
    for (std::size_t i = 0; i < parameters.trainable.size(); ++i)
        parameter_of[parameters.trainable[i].variable.node()->id] = i;
    // The gradient's own steps first: the second backward's are named after them.
    for (const UpdateStage stage : {UpdateStage::gradient, UpdateStage::second_backward}) {
        for (const WalkCotangent& cotangent : walk.cotangents())
            if (cotangent.stage == stage) name_result(walk, cotangent, cotangent_name(walk, cotangent, parameter_of));
        if (stage == UpdateStage::gradient) {
            int steps = 0;
            std::size_t last = symbols_.size();
            bool is_behind_slopes = false;
            for (std::size_t k = 0; k < symbols_.size(); ++k) {
                if (walk.events()[k].stage != UpdateStage::gradient || !symbols_[k].empty()) continue;
                if (std::string_view(walk.events()[k].scope.operation) == "norm") {
                    symbols_[k] = "s";
                    is_behind_slopes = true;
                } else if (is_behind_slopes) {
                    symbols_[k] = fmt::format("q_{{{}}}", ++steps);
                    last = k;
                }
            }
            if (last < symbols_.size()) symbols_[last] = "P";
        }
        // Terms of a sum, in the order in which they were sent.
        std::map<std::string, int> count;
        for (const WalkCotangent& term : walk.terms()) {
            const WalkEvent& event = walk.events()[term.event];
            if (term.stage != stage || event.cuts()) continue;
            const std::size_t result = event.result_of(term.value);
            if (result == 0 ? !symbols_[term.event].empty() : others_.contains({term.event, result})) continue;
            const std::string whole = cotangent_name(walk, term, parameter_of);
            if (whole.empty()) continue;
            const std::size_t brace = whole.rfind('}');
            const int number = ++count[whole];
            name_result(walk, term,
                        brace == std::string::npos ? fmt::format("{}_{{{}}}", whole, number)
                                                   : fmt::format("{},{}}}", whole.substr(0, brace), number));
        }
    }
}

void UpdateSymbols::name_rest(const UpdateWalk& walk) {
    int others = 0;
    for (std::size_t k = 0; k < symbols_.size(); ++k) {
        if (!symbols_[k].empty()) continue;
        const WalkEvent& event = walk.events()[k];
        if (std::string_view(event.scope.operation) == "fill") symbols_[k] = "1";
        else if (const auto term = penalty_term(walk, k)) symbols_[k] = "dL" + term->symbol.substr(2);
        else symbols_[k] = fmt::format("t_{{{}}}", ++others);
    }
}

std::optional<UpdateSymbols::Term> UpdateSymbols::penalty_term(const UpdateWalk& walk, std::size_t k) const {
    const WalkEvent& event = walk.events()[k];
    if (event.stage != UpdateStage::second_backward || !event.rule.empty()) return std::nullopt;
    for (const Tensor& operand : event.operands) {
        const std::optional<std::size_t> producer = walk.producer_of(operand, k);
        if (!producer) continue;
        const std::string symbol = read(walk.events()[*producer], *producer, operand);
        if (std::ranges::any_of(parameters_, [&](const std::string& each) { return symbol == "dP/d" + each; }))
            return Term{*producer, symbol};
    }
    return std::nullopt;
}

void UpdateSymbols::place(const UpdateWalk& walk) {
    rows_ = {"penalty", "phrase"};
    for (const WalkEvent& event : walk.events()) {
        const std::string layer = layer_of_parameter(event.scope.layer);
        if (event.stage == UpdateStage::forward && !layer.empty() && std::ranges::find(rows_, layer) == rows_.end())
            rows_.push_back(layer);
    }
    rows_.push_back("score");
    std::set<UpdateStage> entered;  // stages that have come to a layer
    for (std::size_t k = 0; k < walk.events().size(); ++k) {
        const WalkEvent& event = walk.events()[k];
        if (const auto term = penalty_term(walk, k)) {
            rows_of_.push_back(rows_of_[term->event]);
            continue;
        }
        const auto found = std::ranges::find(rows_, layer_of_parameter(event.scope.layer));
        if (found != rows_.end()) {
            entered.insert(event.stage);
            rows_of_.push_back(static_cast<std::size_t>(found - rows_.begin()));
            continue;
        }
        const bool is_before = !entered.contains(event.stage);
        const std::size_t penalty = 0, phrase = 1, score = rows_.size() - 1;
        if (event.stage == UpdateStage::forward) rows_of_.push_back(is_before ? phrase : score);
        else if (event.stage == UpdateStage::gradient) rows_of_.push_back(is_before ? score : penalty);
        else rows_of_.push_back(is_before ? penalty : score);
    }
}

}  // namespace musegan
