// Any bytes give the sets of an evaluation or a tensor::Error; what was read has metrics of ours alone, and stands in
// the tables of a report as well-formed markup.
#include <algorithm>
#include <string>
#include <string_view>

#include "musegan/evaluation/evaluation_json.hpp"
#include "musegan/evaluation/evaluation_reader.hpp"
#include "musegan/pages/report_tables.hpp"
#include "tensor/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/musegan/evaluation/evaluated_sets.hpp"
#include "tests/support/markup.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    musegan::RunRecord record;
    try {
        record.evaluation =
            musegan::parse_evaluation(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz");
    } catch (const tensor::Error&) {
        return 0;
    }
    fuzz::require(!record.evaluation->sets.empty(), "an evaluation has a set");
    for (const musegan::ReadSet& set : record.evaluation->sets) {
        fuzz::require(set.phrases >= 0, "phrases are counted");
        for (const auto& [key, value] : set.values) musegan::metric_named(key);
    }
    const std::string tables = musegan::metric_tables_markup(record).text;
    fuzz::require(support::fault_of_markup(tables).empty(), "tables are well-formed markup");
    return 0;
}

std::vector<std::vector<std::uint8_t>> fuzz::seeds() {
    musegan::Evaluation evaluation = evaluation_tests::example();
    evaluation.sets[0].copying = musegan::Copying{{0}, {{5, -2, 0.05}}, 0.2};
    std::vector<std::vector<std::uint8_t>> files;
    for (const std::string& text : {musegan::evaluation_json(evaluation),
                                    std::string(R"({"format": "musegan evaluation", "version": 1, "grid": 24,
                                                   "name": "<b>", "about": "a", "phrases": 2, "DP": 1.5})")})
        files.emplace_back(text.begin(), text.end());
    return files;
}
