#include "musegan/study/profile_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "musegan/study/statistics.hpp"

namespace musegan {

namespace {

/// One column of a table: a heading, and the text of a row.
struct Column {
    std::string heading;
    std::function<std::string(const ProfileRow&)> text;
    bool is_word = false;  ///< to the left; numbers stand to the right
};

/// Four digits: "0.0123", "1.234", "123.4", "12345".
std::string digits(double value) {
    if (value == 0) return "-";
    if (value >= 1000) return fmt::format("{:.0f}", value);
    return value >= 100  ? fmt::format("{:.1f}", value)
           : value >= 10 ? fmt::format("{:.2f}", value)
                         : fmt::format("{:.3f}", value);
}

std::string word(const std::string& text) { return text.empty() ? "-" : text; }

std::vector<Column> word_columns(ProfileGrouping grouping) {
    const auto column = [](const char* heading, std::string ProfileWords::*field) {
        return Column{heading, [field](const ProfileRow& row) { return word(row.words.*field); }, true};
    };
    const Column update = column("update", &ProfileWords::update), phase = column("phase", &ProfileWords::phase),
                 layer = column("layer", &ProfileWords::layer),
                 operation = column("operator", &ProfileWords::operation),
                 kernel = column("kernel", &ProfileWords::kernel);
    switch (grouping) {
        case ProfileGrouping::kernel: return {kernel};
        case ProfileGrouping::operation: return {operation};
        case ProfileGrouping::layer: return {layer};
        case ProfileGrouping::phase: return {update, phase};
        case ProfileGrouping::all: break;
    }
    return {update, phase, layer, operation, kernel};
}

std::vector<Column> columns_of(const Profile& profile, ProfileGrouping grouping, const std::vector<ProfileRow>& rows) {
    std::vector<Column> columns = word_columns(grouping);
    if (grouping == ProfileGrouping::all &&
        std::ranges::all_of(rows, [](const ProfileRow& row) { return row.words.kernel == row.words.operation; }))
        columns.pop_back();  // a CPU has no kernels below its operators
    const double busy = profile.busy();
    const std::vector<Column> numbers{
        {"calls", [](const ProfileRow& row) { return fmt::format("{}", row.calls); }},
        {"ms", [](const ProfileRow& row) { return digits(row.milliseconds()); }},
        {"share", [busy](const ProfileRow& row) { return fmt::format("{:.1f}%", 100 * row.milliseconds() / busy); }},
        {"mean", [](const ProfileRow& row) { return digits(row.mean()); }},
        {"least", [](const ProfileRow& row) { return digits(row.least); }},
        {"most", [](const ProfileRow& row) { return digits(row.most); }},
        {"GFLOP", [](const ProfileRow& row) { return digits(row.flops * 1e-9); }},
        {"MB", [](const ProfileRow& row) { return digits(row.bytes * 1e-6); }},
        {"GFLOP/s", [](const ProfileRow& row) { return digits(row.gflops()); }},
        {"GB/s", [](const ProfileRow& row) { return digits(row.gb_s()); }},
        {"FLOP/B", [](const ProfileRow& row) { return digits(row.intensity()); }},
        {"of bound",
         [&profile](const ProfileRow& row) { return fmt::format("{:.0f}%", 100 * profile.share_of_bound(row)); }},
        {"bound", [&profile](const ProfileRow& row) { return std::string(name_of(profile.floor_of(row).bound)); },
         true}};
    columns.insert(columns.end(), numbers.begin(), numbers.end());
    if (std::ranges::any_of(rows, [](const ProfileRow& row) { return !row.threads.empty(); }))
        columns.push_back({"threads", [](const ProfileRow& row) { return fmt::format("{:.2f}", row.busy_threads()); }});
    if (std::ranges::none_of(rows, [](const ProfileRow& row) { return row.launch.has_value(); })) return columns;
    const auto of_launch = [](const auto& text) {
        return [text](const ProfileRow& row) { return row.launch ? text(*row.launch) : std::string("-"); };
    };
    using tensor::LaunchFacts;
    columns.push_back({"regs", of_launch([](const LaunchFacts& facts) { return fmt::format("{}", facts.registers); })});
    columns.push_back(
        {"shared B", of_launch([](const LaunchFacts& facts) { return fmt::format("{}", facts.shared_bytes); })});
    columns.push_back({"occupancy", of_launch([](const LaunchFacts& facts) {
                           return facts.occupancy > 0 ? fmt::format("{:.0f}%", 100 * facts.occupancy) : "-";
                       })});
    return columns;
}

std::string print(const std::vector<Column>& columns, const std::vector<ProfileRow>& rows) {
    std::vector<std::vector<std::string>> cells(1);
    for (const Column& column : columns) cells[0].push_back(column.heading);
    for (const ProfileRow& row : rows) {
        cells.emplace_back();
        for (const Column& column : columns) cells.back().push_back(column.text(row));
    }
    std::string text;
    for (const std::vector<std::string>& line : cells) {
        std::string printed;
        for (std::size_t k = 0; k < columns.size(); ++k) {
            std::size_t width = 0;
            for (const std::vector<std::string>& each : cells) width = std::max(width, each[k].size());
            printed +=
                columns[k].is_word ? fmt::format("  {:<{}}", line[k], width) : fmt::format("  {:>{}}", line[k], width);
        }
        text += printed.substr(0, printed.find_last_not_of(' ') + 1) + '\n';
    }
    return text;
}

}  // namespace

std::string profile_table(const Profile& profile, ProfileGrouping grouping, std::size_t most) {
    std::vector<ProfileRow> rows = group_rows(profile, grouping);
    const std::size_t shown = std::min(most, rows.size());
    double rest = 0;
    for (std::size_t k = shown; k < rows.size(); ++k) rest += rows[k].milliseconds();
    const std::size_t left = rows.size() - shown;
    rows.resize(shown);
    std::string text = print(columns_of(profile, grouping, rows), rows);
    if (left > 0)
        text += fmt::format("  ... and {} more, {} ms together (--lines {})\n", left, digits(rest), shown + left);
    return text;
}

namespace {

struct TreePrinter {
    double busy, least_share;
    std::string text{};

    void line(int depth, const std::string& name, double milliseconds, std::int64_t calls) {
        const std::string indented = std::string(static_cast<std::size_t>(2 * depth), ' ') + word(name);
        text += fmt::format("  {:<52} {:>9} ms {:>6.1f}% {:>6} calls\n", indented, digits(milliseconds),
                            100 * milliseconds / busy, calls);
    }
    /// The rows told apart by one word after the other.
    void print(const std::vector<ProfileRow>& rows, const std::vector<std::string ProfileWords::*>& words, int depth) {
        if (words.empty()) return;
        std::vector<ProfileRow> renamed = rows;
        for (ProfileRow& row : renamed) {
            ProfileWords only;
            only.*words.front() = row.words.*words.front();
            row.words = only;
        }
        std::size_t left_out = 0;
        double rest = 0;
        for (const ProfileRow& group : group_rows(renamed, ProfileGrouping::all)) {
            const std::string& name = group.words.*words.front();
            if (group.milliseconds() < least_share * busy) {
                ++left_out;
                rest += group.milliseconds();
                continue;
            }
            line(depth, name, group.milliseconds(), group.calls);
            std::vector<ProfileRow> inside;
            for (const ProfileRow& row : rows)
                if (row.words.*words.front() == name) inside.push_back(row);
            print(inside, {words.begin() + 1, words.end()}, depth + 1);
        }
        if (left_out > 0)
            text += fmt::format(
                "  {:<52} {:>9} ms {:>6.1f}%\n",
                std::string(static_cast<std::size_t>(2 * depth), ' ') + fmt::format("({} smaller)", left_out),
                digits(rest), 100 * rest / busy);
    }
};

}  // namespace

std::string profile_tree(const Profile& profile, double least_share) {
    TreePrinter printer{profile.busy(), least_share};
    printer.print(profile.rows, {&ProfileWords::layer, &ProfileWords::phase, &ProfileWords::kernel}, 0);
    return printer.text;
}

std::string profile_heading(const Profile& profile) {
    const tensor::Roofs& roofs = profile.roofs;
    std::string settings, products;
    for (const tensor::Precision each : tensor::every_precision)
        if (const double rate = roofs.measured_gflops(each); each == tensor::Precision::f32)
            products = fmt::format("{:.0f} GFLOP/s in f32", rate);
        else if (rate > 0) products += fmt::format(", {:.0f} in {}", rate, name_of(each));
    for (const auto& list : {profile.work, profile.how})
        for (const auto& [name, value] : list)
            if (name == "model" || name == "condition" || name == "width" || name == "batch" || name == "resolution" ||
                name == "networks" || name == "precision" || name == "fusion" || name == "passes")
                settings += fmt::format("{}{} {}", settings.empty() ? "" : ", ", name, value);
    return fmt::format(
        "{}\n{}; {} threads; clock: {}\nroofs: products {}, copies {:.1f} GB/s, "
        "start of an operator {:.2f} us\n",
        settings, profile.machine, profile.threads, profile.clock, products, roofs.copy_gb_s, 1e3 * roofs.start_ms);
}

}  // namespace musegan
