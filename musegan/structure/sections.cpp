#include "musegan/structure/sections.hpp"

#include "musegan/structure/analysis.hpp"

namespace musegan {

namespace {

constexpr std::int64_t phrase_bars = 4;

BarRange pruned(const BarRange& section) { return {section.begin, section.end - section.bars() % phrase_bars}; }

/// What the authors take of a section that is neither the first nor the last one of `stretch`.
BarRange taken_by_authors(const BarRange& section, const BarRange& stretch) {
    const BarRange none{section.begin, section.begin};
    const bool has_before = section.begin > stretch.begin, has_behind = section.end < stretch.end;
    switch (section.bars() % phrase_bars) {
        case 0: return section;
        case 1: return {section.begin, section.end - 1};
        case 2:
            if (section.bars() > 2) return {section.begin + 1, section.end - 1};
            return has_before && has_behind ? BarRange{section.begin - 1, section.end + 1} : none;
        default: return has_behind ? BarRange{section.begin, section.end + 1} : pruned(section);
    }
}

}  // namespace

std::vector<BarRange> sections_of(const PianoRoll& roll, const BarRange& bars, Segmentation way) {
    if (bars.bars() == 0) return {};
    if (way == Segmentation::fixed) return {bars};
    std::vector<BarRange> sections;
    for (const BarRange& piece : pieces_of(bars)) {
        const std::vector<std::int64_t> boundaries = analyze(roll, piece, way).boundaries;
        for (std::size_t k = 0; k + 1 < boundaries.size(); ++k) sections.push_back({boundaries[k], boundaries[k + 1]});
    }
    return sections;
}

std::vector<BarRange> ranges_to_cut(const std::vector<BarRange>& sections, Segmentation way) {
    std::vector<BarRange> ranges;
    for (std::size_t k = 0; k < sections.size(); ++k) {
        const BarRange& section = sections[k];
        const bool dropped = sections.size() >= 3 && (k == 0 || k + 1 == sections.size());
        if (way == Segmentation::fixed) ranges.push_back(section);
        else if (way == Segmentation::sf) ranges.push_back(pruned(section));
        else if (dropped) ranges.push_back({section.begin, section.begin});
        else ranges.push_back(taken_by_authors(section, {sections.front().begin, sections.back().end}));
    }
    return ranges;
}

}  // namespace musegan
