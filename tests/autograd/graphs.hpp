// Graphs as text (describe_graph) and as counts of their operators.
#pragma once

#include <cstdint>
#include <map>
#include <sstream>
#include <string>

#include "autograd/grad.hpp"

namespace support {

/// describe_graph(v) with its nodes counted from `first`, which becomes #1: as a fresh program prints it.
inline std::string graph_from(const autograd::Variable& first, const autograd::Variable& v) {
    std::istringstream text(describe_graph(v));
    std::string result;
    for (char c; text.get(c);) {
        result += c;
        if (c != '#') continue;
        std::uint64_t id = 0;
        text >> id;
        result += std::to_string(id - first.node()->id + 1);
    }
    return result;
}

/// How often each operator occurs in the graph behind v.
inline std::map<std::string, int> count_operators(const autograd::Variable& v) {
    std::map<std::string, int> counts;
    std::istringstream lines(describe_graph(v));
    for (std::string line; std::getline(lines, line);) {
        const std::size_t begin = line.find(' ') + 1;
        ++counts[line.substr(begin, line.find(' ', begin) - begin)];
    }
    return counts;
}

/// Convolutions and matrix products in the graph behind v: each costs what its layer's forward pass costs.
inline int count_products(const autograd::Variable& v) {
    int products = 0;
    for (const auto& [name, count] : count_operators(v))
        if (name.starts_with("conv3d") || name.starts_with("matmul")) products += count;
    return products;
}

}  // namespace support
