// Numbers as words of a page, as kit/numbers.js writes them.
#pragma once

#include <string>

namespace musegan {

/// Three digits that count: "1,234", "123", "12.3", "1.23", "0.0123", "1.23e-07"; "" for what is no number.
std::string page_number(double value);
/// "12 %", "3.4 %", "-0.2 %".
std::string page_share(double share);
/// A relative difference: "0", "3.1e-16".
std::string page_difference(double difference);

}  // namespace musegan
