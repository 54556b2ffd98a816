#include "bench/table.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

#include "tensor/error.hpp"

namespace bench {

void Row::complete(double flops, double bytes, const tensor::Roofs& roofs, tensor::Precision rounding) {
    floor = floor_of(roofs, rounding, flops, bytes);
    if (time.median <= 0) return;
    gflops = flops / time.median * 1e-6;
    gb_s = bytes / time.median * 1e-6;
    share_of_bound = floor.milliseconds / time.median;
}

std::vector<std::string> header() {
    return {"layer", "operator", "precision",      "algorithm", "ms",          "ms_least", "ms_most", "GFLOP/s",
            "GB/s",  "bound",    "share_of_bound", "floor_ms",  "estimate_ms", "taken",    "fastest", "note"};
}

std::vector<std::string> Row::fields() const {
    const auto number = [](double value) { return std::isfinite(value) ? fmt::format("{:.6g}", value) : ""; };
    return {layer,
            operation,
            precision,
            algorithm,
            number(time.median),
            number(time.least),
            number(time.most),
            number(gflops),
            number(gb_s),
            name_of(floor.bound),
            number(share_of_bound),
            number(floor.milliseconds),
            number(estimate),
            chosen ? "1" : "0",
            fastest ? "1" : "0",
            note};
}

nlohmann::ordered_json Row::json() const {
    const std::vector<std::string> names = header(), values = fields();
    nlohmann::ordered_json json;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const bool text = i < 4 || names[i] == "bound" || i + 1 == names.size();
        if (text) json[names[i]] = values[i];
        else if (values[i].empty()) json[names[i]] = nullptr;
        else json[names[i]] = std::stod(values[i]);
    }
    return json;
}

std::vector<Row> read_rows(const std::string& path) {
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto lines = io::parse_csv(text, path);
    if (lines.empty() || lines.front() != header())
        tensor::fail(path, "is no table of convolutions: its header differs");
    std::vector<Row> rows;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const std::vector<std::string>& line = lines[i];
        if (line.size() != header().size()) tensor::fail(path, "line {} has {} fields", i + 1, line.size());
        const auto number = [&](std::size_t field) {
            return line[field].empty() ? 0.0 : std::strtod(line[field].c_str(), nullptr);
        };
        Row row{.layer = line[0], .operation = line[1], .precision = line[2], .algorithm = line[3]};
        row.time = {number(4), number(5), number(6), 0};
        row.note = line.back();
        rows.push_back(row);
    }
    return rows;
}

}  // namespace bench
