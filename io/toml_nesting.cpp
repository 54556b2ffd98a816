#include "io/toml_nesting.hpp"

#include <algorithm>
#include <string>

#include "io/toml.hpp"

namespace io::toml_detail {
namespace {

class NestingCheck {
  public:
    NestingCheck(std::string_view text, std::string_view name) : text_(text), name_(name) {}

    void run() {
        for (; !at_end(); ++position_) {
            switch (text_[position_]) {
                case '"':
                case '\'': skip_string(); break;
                case '#': skip_comment(); break;
                case '.': add_part(); break;
                case '[':
                case '{': open(); break;
                case ']':
                case '}': close(); break;
                case '\n': ++line_; [[fallthrough]];
                case '=':
                case ',': parts_ = 1; break;
                default: break;
            }
        }
    }

  private:
    bool at_end() const { return position_ >= text_.size(); }

    void add_part() {
        if (++parts_ > max_toml_nesting)
            fail_at(name_, line_, "a key of more than {} parts, expected at most that many", max_toml_nesting);
    }

    void open() {
        parts_ = 1;
        if (++depth_ > max_toml_nesting)
            fail_at(name_, line_, "more than {} values inside each other, expected at most that many",
                    max_toml_nesting);
    }

    void close() {
        parts_ = 1;
        depth_ = std::max(depth_ - 1, 0);
    }

    // Each of these ends at the last byte of what it skips, before the end of the line where that ends it.

    void skip_comment() { position_ = std::min(text_.find('\n', position_), text_.size()) - 1; }

    void skip_string() {
        const char quote = text_[position_];
        const std::string three(3, quote);
        if (text_.substr(position_).starts_with(three)) return skip_long_string(quote, three);
        for (++position_; !at_end() && text_[position_] != quote; ++position_) {
            if (text_[position_] == '\n') {
                --position_;
                return;
            }
            if (quote == '"' && text_[position_] == '\\') ++position_;
        }
    }

    /// In three quotes. Up to two more may stand before the three that end it.
    void skip_long_string(char quote, const std::string& three) {
        position_ += 3;
        while (!at_end() && !text_.substr(position_).starts_with(three)) {
            if (quote == '"' && text_[position_] == '\\') ++position_;
            if (!at_end() && text_[position_] == '\n') ++line_;
            ++position_;
        }
        position_ += 2;
        for (int more = 0; more < 2 && text_.substr(std::min(position_ + 1, text_.size())).starts_with(quote); ++more)
            ++position_;
    }

    std::string_view text_, name_;
    std::size_t position_ = 0;
    std::int64_t line_ = 1;
    int parts_ = 1, depth_ = 0;
};

}  // namespace

void check_toml_nesting(std::string_view text, std::string_view name) { NestingCheck(text, name).run(); }

}  // namespace io::toml_detail
