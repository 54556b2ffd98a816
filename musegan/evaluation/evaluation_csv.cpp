#include "musegan/evaluation/evaluation_csv.hpp"

#include <cmath>
#include <vector>

#include "io/csv.hpp"
#include "io/printable_text.hpp"
#include "musegan/evaluation/published_rows.hpp"

namespace musegan {

namespace {

std::string number(double value) { return std::isnan(value) ? std::string() : io::csv_number(value); }

std::vector<std::string> names_of_fields() {
    std::vector<std::string> names{"role", "name", "about", "phrases"};
    for (const Metric& metric : metric_list()) names.push_back(metric.key);
    for (const Metric& metric : metric_list())
        names.insert(names.end(), {metric.key + ".count", metric.key + ".error"});
    return names;
}

std::string row_of(const char* role, const EvaluatedSet& set) {
    std::vector<std::string> fields{role, io::printable_utf8(set.name), io::printable_utf8(set.about),
                                    fmt::format("{}", set.metrics.phrases)};
    for (const Metric& metric : metric_list()) fields.push_back(number(set.mean(metric).value()));
    for (const Metric& metric : metric_list()) {
        const Mean mean = set.mean(metric);
        fields.push_back(fmt::format("{}", mean.count));
        fields.push_back(set.is_sample() ? number(set.error(mean)) : "");
    }
    return io::csv_row(fields);
}

/// Without counts and errors, which the paper does not say.
std::string row_of(const PublishedRow& row) {
    std::vector<std::string> fields{"published", row.name, published_about, ""};
    for (const Metric& metric : metric_list()) fields.push_back(number(row.value(metric)));
    fields.resize(names_of_fields().size());
    return io::csv_row(fields);
}

}  // namespace

std::string evaluation_csv(const Evaluation& evaluation, bool published) {
    std::string text = io::csv_row(names_of_fields());
    if (evaluation.data) text += row_of("data", *evaluation.data);
    if (evaluation.shuffled) text += row_of("shuffled", *evaluation.shuffled);
    if (evaluation.held_out) text += row_of("held_out", *evaluation.held_out);
    for (const EvaluatedSet& set : evaluation.sets) text += row_of("set", set);
    for (const PublishedRow& row : published_rows())
        if (published) text += row_of(row);
    return text;
}

}  // namespace musegan
