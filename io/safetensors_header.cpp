#include "io/safetensors_header.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_set>
#include <utility>

#include "tensor/error.hpp"

namespace io::safetensors_detail {
namespace {

constexpr std::size_t max_axes = 64;

/// Takes the events of the JSON parser. The format has only three levels, so the state is a position: before the text,
/// in the object of the file, of the metadata or of an array, in a list of numbers of an array, or after the text.
class HeaderReader {
  public:
    explicit HeaderReader(std::string_view file) : file_(file) {}

    Header take() {
        if (position_ != Position::after) refuse("ends early");
        return std::move(header_);
    }

    bool key(std::string& text) {
        key_ = text;
        if (position_ == Position::file) begin_entry();
        else if (position_ == Position::array) begin_field();
        else if (header_.metadata.contains(key_)) refuse("has the metadata key '{}' twice", key_);
        return true;
    }

    bool start_object(std::size_t) {
        if (position_ == Position::before) position_ = Position::file;
        else if (position_ == Position::file && key_ == "__metadata__") position_ = Position::metadata;
        else if (position_ == Position::file) position_ = Position::array;
        else refuse("has an object inside '{}'", key_);
        return true;
    }

    bool end_object() {
        if (position_ == Position::array) end_entry();
        position_ = position_ == Position::file ? Position::after : Position::file;
        return true;
    }

    bool start_array(std::size_t) {
        if (position_ != Position::array || key_ == "dtype") refuse("has a list at '{}'", key_);
        position_ = Position::numbers;
        return true;
    }

    bool end_array() {
        position_ = Position::array;
        return true;
    }

    bool string(std::string& text) {
        if (position_ == Position::metadata) header_.metadata.emplace(key_, text);
        else if (position_ == Position::array && key_ == "dtype") header_.arrays.back().dtype = text;
        else refuse("has a text at '{}'", key_);
        return true;
    }

    bool number_unsigned(std::uint64_t value) {
        if (position_ != Position::numbers) refuse("has a number at '{}'", key_);
        if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            refuse("has the number {} in '{}' of '{}'", value, key_, header_.arrays.back().name);
        ArrayHeader& array = header_.arrays.back();
        std::vector<std::int64_t>& numbers = key_ == "shape" ? array.shape : array.data_offsets;
        if (numbers.size() == max_axes) refuse("has more than {} numbers in '{}' of '{}'", max_axes, key_, array.name);
        numbers.push_back(static_cast<std::int64_t>(value));
        return true;
    }

    bool null() { refuse("has null at '{}'", key_); }
    bool boolean(bool) { refuse("has true or false at '{}'", key_); }
    bool number_integer(std::int64_t value) { refuse("has the negative number {} at '{}'", value, key_); }
    bool number_float(double value, const std::string&) { refuse("has the number {} at '{}'", value, key_); }
    bool binary(std::vector<std::uint8_t>&) { refuse("has binary data at '{}'", key_); }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) {
        refuse("is no JSON at byte {}", position);
    }

  private:
    enum class Position { before, file, metadata, array, numbers, after };

    template <typename... Arguments>
    [[noreturn]] void refuse(fmt::format_string<Arguments...> text, Arguments&&... arguments) const {
        tensor::fail(file_, "the safetensors header {}", fmt::format(text, std::forward<Arguments>(arguments)...));
    }

    void begin_entry() {
        if (!names_.insert(key_).second) refuse("has the name '{}' twice", key_);
        if (key_ == "__metadata__") return;
        header_.arrays.emplace_back();
        header_.arrays.back().name = key_;
        has_dtype_ = has_shape_ = has_offsets_ = false;
    }

    void begin_field() {
        bool* const seen = key_ == "dtype"          ? &has_dtype_
                           : key_ == "shape"        ? &has_shape_
                           : key_ == "data_offsets" ? &has_offsets_
                                                    : nullptr;
        const std::string& name = header_.arrays.back().name;
        if (!seen) refuse("has the unknown field '{}' in '{}'", key_, name);
        if (std::exchange(*seen, true)) refuse("has the field '{}' twice in '{}'", key_, name);
    }

    void end_entry() {
        const ArrayHeader& array = header_.arrays.back();
        if (!has_dtype_ || !has_shape_ || !has_offsets_)
            refuse("lacks dtype, shape or data_offsets in '{}'", array.name);
        if (array.data_offsets.size() != 2)
            refuse("has {} data_offsets in '{}', expected 2", array.data_offsets.size(), array.name);
    }

    std::string_view file_;
    Header header_;
    std::unordered_set<std::string> names_;
    std::string key_;
    Position position_ = Position::before;
    bool has_dtype_ = false, has_shape_ = false, has_offsets_ = false;
};

}  // namespace

Header parse_header(std::span<const std::uint8_t> json, std::string_view file) {
    // The parser takes a zero byte for the end of the text. No JSON text contains one.
    const auto zero = std::find(json.begin(), json.end(), 0);
    if (zero != json.end()) tensor::fail(file, "the safetensors header is no JSON at byte {}", zero - json.begin());
    HeaderReader reader(file);
    nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
    return reader.take();
}

}  // namespace io::safetensors_detail
