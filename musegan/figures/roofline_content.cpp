#include "musegan/figures/roofline_content.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "musegan/figures/palette.hpp"
#include "musegan/figures/text_layout.hpp"

namespace musegan {

namespace {

constexpr double least_share = 1e-3;
constexpr double least_slow_share = 1e-2;
constexpr double slowest = 1e-4;  // of the fastest

}  // namespace

RooflineContent::RooflineContent(const Roofline& roofline) {
    std::copy_if(roofline.ceilings.begin(), roofline.ceilings.end(), std::back_inserter(ceilings),
                 [](const RooflineCeiling& ceiling) { return ceiling.gflops > 0; });
    std::copy_if(roofline.slopes.begin(), roofline.slopes.end(), std::back_inserter(slopes),
                 [](const RooflineSlope& slope) { return slope.gb_s > 0; });
    double fastest = top_ceiling();
    for (const RooflineDot& dot : roofline.dots) fastest = std::max(fastest, dot.gflops);
    std::map<std::string, double> shares;
    for (const RooflineDot& dot : roofline.dots) {
        if (leave_out(dot, fastest)) continue;
        dots.push_back(dot);
        shares[dot.group] += dot.share;
    }
    std::stable_sort(dots.begin(), dots.end(), [](const auto& a, const auto& b) { return a.share > b.share; });
    for (const auto& [name, share] : shares) groups_.push_back({name, share, other_color});
    std::stable_sort(groups_.begin(), groups_.end(), [](const auto& a, const auto& b) { return a.share > b.share; });
    for (std::size_t k = 0; k < groups_.size() && k < palette.size(); ++k) groups_[k].color = palette[k];
}

bool RooflineContent::leave_out(const RooflineDot& dot, double fastest) {
    LeftOut* kind = nullptr;
    if (!(dot.intensity > 0 && dot.gflops > 0)) kind = &without_;
    else if (dot.share < least_share) kind = &small_;
    else if (dot.share < least_slow_share && dot.gflops < slowest * fastest) kind = &slow_;
    if (kind == nullptr) return false;
    ++kind->dots;
    kind->share += dot.share;
    return true;
}

double RooflineContent::top_ceiling() const {
    double most = 0;
    for (const RooflineCeiling& ceiling : ceilings) most = std::max(most, ceiling.gflops);
    return most;
}

double RooflineContent::top_slope() const {
    double most = 0;
    for (const RooflineSlope& slope : slopes) most = std::max(most, slope.gb_s);
    return most;
}

Color RooflineContent::color_of(const std::string& group) const {
    for (const RooflineGroup& each : groups_)
        if (each.name == group) return each.color;
    return other_color;
}

std::vector<RooflineGroup> RooflineContent::legend() const {
    if (groups_.size() <= palette.size()) return groups_;
    std::vector<RooflineGroup> entries(groups_.begin(), groups_.begin() + palette.size());
    entries.push_back({fmt::format("{} others", groups_.size() - palette.size()), 0, other_color});
    for (std::size_t k = palette.size(); k < groups_.size(); ++k) entries.back().share += groups_[k].share;
    return entries;
}

std::string RooflineContent::left_out() const {
    std::vector<std::string> parts;
    const auto say = [&](const LeftOut& kind, const std::string& what) {
        if (kind.dots > 0) parts.push_back(fmt::format("{} {} ({})", kind.dots, what, share_text(kind.share)));
    };
    say(without_, "without arithmetic");
    say(small_, fmt::format("of less than {} each", share_text(least_share)));
    say(slow_, "too slow to be seen");
    return parts.empty() ? "" : fmt::format("Not drawn, with their shares of the time: {}.", fmt::join(parts, ", "));
}

}  // namespace musegan
