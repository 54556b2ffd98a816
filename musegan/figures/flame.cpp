#include "musegan/figures/flame.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "musegan/figures/palette.hpp"
#include "musegan/figures/text_layout.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr int margin = 12;
constexpr int title_height = 28;
constexpr int row_height = 22;     // of a depth
constexpr int legend_height = 20;  // of a row of the legend
constexpr int padding = 3;         // beside a part's name
const TextStyle name_style{.size = 11};
const TextStyle title_style{.size = 15, .bold = true};
const TextStyle legend_style{.size = 12, .color = axis_color};
constexpr Color root_color{215, 215, 215};
constexpr Color outer_color{235, 235, 235};  // of parts above those with a colour

/// A part and the parts in it, in the order of their first stack.
struct Part {
    std::string name;
    double milliseconds = 0;
    std::vector<Part> parts{};

    Part& part(const std::string& wanted) {
        const auto found = std::find_if(parts.begin(), parts.end(), [&](const Part& p) { return p.name == wanted; });
        return found != parts.end() ? *found : parts.emplace_back(Part{wanted});
    }
    std::size_t depths() const {
        std::size_t most = 0;
        for (const Part& each : parts) most = std::max(most, each.depths());
        return most + 1;
    }
};

Part tree_of(const Flame& flame) {
    Part root{flame.root};
    for (const FlameStack& stack : flame.stacks) {
        if (!(stack.milliseconds >= 0) || !std::isfinite(stack.milliseconds))
            tensor::fail("flame", "'{}' takes {} ms, expected a finite time that is not negative",
                         fmt::join(stack.names, ", "), stack.milliseconds);
        Part* part = &root;
        part->milliseconds += stack.milliseconds;
        for (const std::string& name : stack.names) {
            part = &part->part(name);
            part->milliseconds += stack.milliseconds;
        }
    }
    return root;
}

/// What has a colour of its own.
struct Group {
    Part part;  ///< with all its time, wherever it is
    Color color;
};

/// In the order of the first stacks.
std::vector<Group> groups_of(const Flame& flame) {
    Part all;
    for (const FlameStack& stack : flame.stacks)
        if (flame.colored_by < stack.names.size())
            all.part(stack.names[flame.colored_by]).milliseconds += stack.milliseconds;
    std::vector<Group> groups;
    std::size_t from_palette = 0;
    for (const Part& part : all.parts) {
        const auto given = std::find_if(flame.colors.begin(), flame.colors.end(),
                                        [&](const auto& color) { return color.first == part.name; });
        groups.push_back({part, given != flame.colors.end() ? given->second : palette_color(from_palette++)});
    }
    return groups;
}

/// Three digits: "123", "12.3", "0.123".
std::string three_digits(double value) {
    const int whole = value > 0 ? static_cast<int>(std::floor(std::log10(value))) : 0;
    return fmt::format("{:.{}f}", value, std::clamp(2 - whole, 0, 3));
}

/// The most that can be said of a part in `room` pixels.
std::string text_of(const Part& part, double whole, double room) {
    const double share = whole > 0 ? part.milliseconds / whole : 0;
    const std::string time = three_digits(part.milliseconds) + " ms";
    const std::size_t last = part.name.find_last_of(".,");
    const std::size_t behind = last == std::string::npos ? last : part.name.find_first_not_of(" .,", last);
    const std::string end = behind == std::string::npos ? part.name : part.name.substr(behind);
    const std::string of_whole = share < 1 ? ", " + share_text(share) : "";
    for (const std::string& text : {fmt::format("{}   {}{}", part.name, time, of_whole),
                                    fmt::format("{}   {}", part.name, share_text(share)), part.name, end})
        if (text_width(text, name_style) <= room) return text;
    constexpr std::size_t fewest = 4;  // letters that say something
    return ellipsized(end, room, name_style, fewest);
}

class FlamePainter {
  public:
    FlamePainter(Picture& picture, const Flame& flame, double whole, int top)
        : picture_(picture), flame_(flame), whole_(whole), top_(top) {
        for (const Group& group : groups_of(flame)) colors_.emplace(group.part.name, group.color);
    }

    /// `part` from `start` milliseconds on, `depth` rows below the top, and all in it.
    void draw(const Part& part, double start, std::size_t depth, Color group_color = white) {
        const int left = x_of(start), right = x_of(start + part.milliseconds);
        if (right <= left) return;
        if (depth == flame_.colored_by + 1) group_color = colors_.at(part.name);
        const Color color = color_of(depth, group_color);
        const int top = top_ + static_cast<int>(depth) * row_height;
        const int gap = right - left > 2 ? 1 : 0;
        picture_.fill(Rectangle{left, top, right - left - gap, row_height - 1}, color);
        if (right - left > 2 * padding + 6) {
            TextStyle style = name_style;
            style.color = ink_on(color);
            picture_.text({left + padding + 0.0, top + row_height / 2.0},
                          text_of(part, whole_, right - left - 2 * padding - gap), style);
        }
        for (const Part& inner : part.parts) {
            draw(inner, start, depth + 1, group_color);
            start += inner.milliseconds;
        }
    }

  private:
    int x_of(double milliseconds) const {
        const double share = whole_ > 0 ? milliseconds / whole_ : 0;
        return margin + static_cast<int>(std::lround(share * (flame_.width - 2 * margin)));
    }
    /// Grey above the groups; a group has its colour, and what is in it paler ones with every depth.
    Color color_of(std::size_t depth, Color group_color) const {
        if (depth == 0) return root_color;
        if (depth <= flame_.colored_by) return outer_color;
        constexpr std::array<double, 4> strength{1.0, 0.62, 0.42, 0.28};
        return tint(group_color, strength[std::min(depth - flame_.colored_by - 1, strength.size() - 1)]);
    }

    Picture& picture_;
    const Flame& flame_;
    double whole_;
    int top_;
    std::map<std::string, Color> colors_;
};

/// The groups in columns of equal width, each read from the top down.
class Legend {
  public:
    Legend(const Flame& flame, double whole) : width_(flame.width - 2 * margin) {
        for (const auto& [group, color] : groups_of(flame)) {
            colors_.push_back(color);
            const double share = whole > 0 ? group.milliseconds / whole : 0;
            texts_.push_back(
                {group.name, fmt::format("{} ms, {}", three_digits(group.milliseconds), share_text(share))});
            for (std::size_t k = 0; k < 2; ++k)
                widest_[k] = std::max(widest_[k], text_width(texts_.back()[k], legend_style));
        }
        const int column = static_cast<int>(std::ceil(swatch + widest_[0] + between + widest_[1])) + space;
        columns_ = std::clamp((width_ + space) / column, 1, std::max(1, static_cast<int>(texts_.size())));
        rows_ = (static_cast<int>(texts_.size()) + columns_ - 1) / columns_;
        column_width_ = column;
    }
    int height() const { return rows_ * legend_height; }

    void draw(Picture& picture, int top) const {
        TextStyle right = legend_style;
        right.align = Align::right;
        for (int k = 0; k < static_cast<int>(texts_.size()); ++k) {
            const int x = margin + k / rows_ * column_width_, y = top + k % rows_ * legend_height;
            const double middle = y + legend_height / 2.0;
            const auto index = static_cast<std::size_t>(k);
            picture.fill(Rectangle{x, y + 4, 12, 12}, colors_[index]);
            picture.text({x + swatch + 0.0, middle}, texts_[index][0], legend_style);
            picture.text({x + swatch + widest_[0] + between + widest_[1], middle}, texts_[index][1], right);
        }
    }

  private:
    static constexpr int swatch = 19, between = 14, space = 36;
    int width_, columns_ = 1, rows_ = 0, column_width_ = 0;
    std::vector<std::array<std::string, 2>> texts_;
    std::vector<Color> colors_;
    std::array<double, 2> widest_{};
};

}  // namespace

Picture flame_picture(const Flame& flame) {
    if (flame.width < 200) tensor::fail("flame", "a width of {} pixels, expected at least 200", flame.width);
    const Part root = tree_of(flame);
    const Legend legend(flame, root.milliseconds);
    const int top = margin / 2 + (flame.title.empty() ? margin / 2 : title_height);
    const int legend_top = top + static_cast<int>(root.depths()) * row_height + (legend.height() > 0 ? 10 : 0);

    Picture picture(flame.width, legend_top + legend.height() + margin - 2);
    picture.text({margin + 0.0, margin / 2 + title_height / 2.0 - 2},
                 ellipsized(flame.title, flame.width - 2 * margin, title_style), title_style);
    FlamePainter(picture, flame, root.milliseconds, top).draw(root, 0, 0);
    if (root.milliseconds == 0)
        picture.text({margin + 0.0, top + row_height / 2.0}, root.name + "   no time was measured", name_style);
    legend.draw(picture, legend_top);
    return picture;
}

}  // namespace musegan
