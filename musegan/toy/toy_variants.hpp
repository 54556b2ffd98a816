// A comparison: runs that differ in one setting.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "musegan/toy/toy_settings.hpp"

namespace musegan {

struct ToyVariant {
    std::string name;  ///< "penalty_weight 10"
    ToySettings settings;
};

/// The key of what "SETTING=V1,V2" varies, with '_' for '-'. Throws Error("[--vary] ...") for a text without '=' and an
/// unknown setting.
std::string varied_key(std::string_view vary);

/// `settings` once for each value of "SETTING=V1,V2,...", in that order. Throws Error as varied_key does, for a value
/// that the setting does not take, the same value twice, and more than eight.
std::vector<ToyVariant> variants_of(const ToySettings& settings, std::string_view vary);

}  // namespace musegan
