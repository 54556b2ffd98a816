// Numbers as words of a page, as kit/numbers.js writes them.
#pragma once

#include <string>

namespace musegan {

/// Three digits that count: "1,234", "123", "12.3", "1.23", "0.0123", "1.23e-07"; "" for what is no number.
std::string number_text(double value);
/// "12 %", "3.4 %", "-0.2 %".
std::string share_text(double share);
/// A relative difference: "0", "3.1e-16".
std::string difference_text(double difference);

}  // namespace musegan
