#include "musegan/figures/arrangement.hpp"

#include <algorithm>

#include "musegan/figures/text_layout.hpp"
#include "tensor/error.hpp"

namespace musegan {

Picture stacked(const std::vector<Picture>& pictures) {
    if (pictures.empty()) tensor::fail("picture", "none to stack, expected one or more");
    int width = 0, height = 0;
    for (const Picture& picture : pictures) {
        width = std::max(width, picture.width());
        height += picture.height();
    }
    Picture all(width, height);
    int y = 0;
    for (const Picture& picture : pictures) {
        all.place(picture, 0, y);
        y += picture.height();
    }
    return all;
}

Picture beside(const std::vector<Picture>& pictures, int gap) {
    if (pictures.empty()) tensor::fail("picture", "none to stand beside another, expected one or more");
    int width = -gap, height = 0;
    for (const Picture& picture : pictures) {
        width += picture.width() + gap;
        height = std::max(height, picture.height());
    }
    Picture all(width, height);
    int x = 0;
    for (const Picture& picture : pictures) {
        all.place(picture, x, 0);
        x += picture.width() + gap;
    }
    return all;
}

Picture titled(const Picture& picture, const std::string& title) {
    if (title.empty()) return picture;
    constexpr int height = 28, margin = 12;
    const TextStyle style{.size = 15, .bold = true};
    Picture all(picture.width(), picture.height() + height);
    all.text({margin, height / 2.0 + 2}, ellipsized(title, picture.width() - 2 * margin, style), style);
    all.place(picture, 0, height);
    return all;
}

Picture in_columns(const std::vector<std::vector<Picture>>& rows, const std::vector<std::string>& titles) {
    std::vector<Picture> columns;
    for (std::size_t column = 0; column < titles.size(); ++column) {
        std::vector<Picture> pictures;
        for (const std::vector<Picture>& row : rows) {
            if (row.size() != titles.size())
                tensor::fail("picture", "{} in a row, expected {} as there are titles", row.size(), titles.size());
            pictures.push_back(row[column]);
        }
        columns.push_back(titled(stacked(pictures), titles[column]));
    }
    return beside(columns);
}

}  // namespace musegan
