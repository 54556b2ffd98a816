#include "io/npy_header_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "tensor/enum_names.hpp"
#include "tensor/error.hpp"

namespace io {
namespace {

/// What a message shows of a text that may hold anything.
std::string shown(std::string_view text) {
    constexpr std::size_t most = 40;
    std::string result{text.substr(0, most)};
    for (char& c : result)
        if (c < ' ' || c > '~') c = '?';
    return text.size() > most ? result + "..." : result;
}

/// Kinds of elements that are refused, by the letter that stands behind the byte order.
struct RefusedKind {
    char letter;
    std::string_view what, hint;
};
constexpr std::string_view save_numbers = "save numbers: numpy.save(file, array.astype('f8'), allow_pickle=False)";
constexpr std::array refused_kinds{
    RefusedKind{'O', "Python objects, a pickle, which is never opened", save_numbers},
    RefusedKind{'V', "structures", "save each field as an array of its own"},
    RefusedKind{'S', "texts", save_numbers},
    RefusedKind{'a', "texts", save_numbers},
    RefusedKind{'U', "texts", save_numbers},
    RefusedKind{'c', "complex numbers", "save array.real"},
    RefusedKind{'M', "times", "save array.astype('i8')"},
    RefusedKind{'m', "spans of time", "save array.astype('i8')"},
};

/// Sets the type that NumPy calls `code`: byte order, letter, bytes of an element.
void set_type(NpyHeader& header, std::string_view code, std::string_view name) {
    const std::size_t kind = std::min<std::size_t>(code.find_first_not_of("<>|="), code.size());
    for (const RefusedKind& refused : refused_kinds)
        if (kind < code.size() && code[kind] == refused.letter)
            tensor::fail(name, "holds {} (dtype '{}'), expected truth values, integers or numbers ({})", refused.what,
                         shown(code), refused.hint);
    constexpr auto names = enum_names(NpyType{});
    const auto found = std::ranges::find_if(
        names, [&](std::string_view known) { return kind == 1 && known.substr(1) == code.substr(1); });
    if (found == names.end())
        tensor::fail(name, "has elements of dtype '{}', expected one of {} (save array.astype('f4'))", shown(code),
                     fmt::join(names, ", "));
    header.type = static_cast<NpyType>(found - names.begin());
    header.is_big_endian = code[0] == '>' && header.element_bytes() > 1;
}

class HeaderText {
  public:
    HeaderText(std::string_view text, std::string_view name) : text_(text), rest_(text), name_(name) {}

    NpyHeader parse() {
        expect('{');
        while (!take('}')) {
            entry();
            if (take(',')) continue;
            expect('}');
            break;
        }
        skip_blanks();
        if (!rest_.empty()) refuse("nothing more");
        if (!code_) tensor::fail(name_, "has a header without 'descr', the type of the elements");
        if (!has_order_) tensor::fail(name_, "has a header without 'fortran_order'");
        if (!has_shape_) tensor::fail(name_, "has a header without 'shape'");
        set_type(header_, *code_, name_);
        return std::move(header_);
    }

  private:
    [[noreturn]] void refuse(std::string_view expected) {
        tensor::fail(name_, "has '{}' at byte {} of its header, expected {}", shown(rest_), text_.size() - rest_.size(),
                     expected);
    }

    void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }

    /// Goes past `c` if it comes next, behind blanks.
    bool take(char c) {
        skip_blanks();
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    void expect(char c) {
        if (!take(c)) refuse(fmt::format("'{}'", c));
    }

    /// In quotes of either kind. No text of a header that is read needs a backslash.
    std::string_view quoted() {
        skip_blanks();
        const char quote = rest_.empty() ? '\0' : rest_.front();
        const std::size_t end = quote == '\'' || quote == '"' ? rest_.find(quote, 1) : rest_.npos;
        if (end == rest_.npos) refuse("a text in quotes");
        const std::string_view inside = rest_.substr(1, end - 1);
        if (inside.find('\\') != inside.npos) refuse("a text without a backslash");
        rest_.remove_prefix(end + 1);
        return inside;
    }

    void entry() {
        skip_blanks();
        const std::string_view before = rest_, key = quoted();
        const bool is_first =
            (key == "descr" && !code_) || (key == "fortran_order" && !has_order_) || (key == "shape" && !has_shape_);
        if (!is_first) {
            rest_ = before;
            refuse("'descr', 'fortran_order' and 'shape', each once");
        }
        expect(':');
        if (key == "descr") code_ = code();
        else if (key == "shape") shape();
        else order();
    }

    std::string_view code() {
        skip_blanks();
        if (rest_.starts_with('[') || rest_.starts_with('('))
            tensor::fail(name_,
                         "holds structures (dtype {}), expected truth values, integers or numbers (save each "
                         "field as an array of its own)",
                         shown(rest_));
        return quoted();
    }

    void order() {
        skip_blanks();
        for (const bool value : {false, true}) {
            const std::string_view word = value ? "True" : "False";
            if (!rest_.starts_with(word)) continue;
            rest_.remove_prefix(word.size());
            header_.is_fortran = value;
            has_order_ = true;
            return;
        }
        refuse("True or False");
    }

    /// A tuple: of one element it needs a comma, as (3,).
    void shape() {
        expect('(');
        bool has_comma = true;
        while (!take(')')) {
            if (!has_comma) refuse("',' or ')'");
            header_.shape.push_back(extent());
            has_comma = take(',');
        }
        if (header_.shape.size() == 1 && !has_comma)
            tensor::fail(name_, "has the shape ({}), which is no tuple, expected ({},)", header_.shape[0],
                         header_.shape[0]);
        has_shape_ = true;
    }

    std::int64_t extent() {
        skip_blanks();
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (error != std::errc{} || value < 0 || rest_.starts_with('-')) refuse("a length of 0 to 2^63 - 1");
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        if (rest_.starts_with('L')) rest_.remove_prefix(1);
        return value;
    }

    std::string_view text_, rest_, name_;
    NpyHeader header_;
    std::optional<std::string_view> code_;
    bool has_order_ = false, has_shape_ = false;
};

}  // namespace

NpyHeader parse_npy_header_text(std::string_view text, std::string_view name) { return HeaderText(text, name).parse(); }

}  // namespace io
