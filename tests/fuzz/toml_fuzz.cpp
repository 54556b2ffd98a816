// Any bytes give a TOML table or a tensor::Error; every line lies in the text, and strings that were read can be
// written and read again.
#include <algorithm>
#include <string>
#include <string_view>

#include "io/toml.hpp"
#include "tensor/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace {

class Walk {
  public:
    explicit Walk(std::string_view text) : lines_(std::ranges::count(text, '\n') + 1) {}

    void table(const io::TomlTable& table, int depth) {
        require_line(table.line);
        std::int64_t latest = 0;
        for (const io::TomlEntry& entry : table.entries) {
            require_line(entry.line);
            fuzz::require(entry.line >= latest, "entries stand in the order of the file");
            latest = entry.line;
            string(entry.key);
            value(entry.value, depth);
        }
    }

  private:
    void require_line(std::int64_t line) const {
        fuzz::require(line >= 1 && line <= lines_, "a line is one of the text");
    }

    void value(const io::TomlValue& value, int depth) {
        constexpr int deepest = (io::max_toml_nesting + 1) * (io::max_toml_nesting + 1);
        fuzz::require(depth < deepest, "nesting has a limit");
        require_line(value.line);
        if (const auto* const text = value.get<std::string>()) string(*text);
        if (const auto* const entries = value.get<io::TomlTable>()) table(*entries, depth + 1);
        if (const auto* const array = value.get<io::TomlArray>())
            for (const io::TomlValue& each : *array) this->value(each, depth + 1);
    }

    static void string(const std::string& text) {
        const io::TomlTable again = io::parse_toml("again = " + io::toml_string(text), "again");
        fuzz::require(*again.find("again")->value.get<std::string>() == text, "strings survive");
    }

    std::int64_t lines_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    io::TomlTable table;
    try {
        table = io::parse_toml(text, "fuzz");
    } catch (const tensor::Error&) {
        return 0;
    }
    Walk(text).table(table, 0);
    return 0;
}

std::vector<std::vector<std::uint8_t>> fuzz::seeds() {
    std::vector<std::vector<std::uint8_t>> files;
    for (const std::string_view text :
         {"batch = 16\nlearning_rate = 2e-4\nseed = \"18446744073709551615\"\nresume = false\n# a comment\n",
          "[generator]\nlatent = {length = 128, shared = true}\n\n[[generator.row]]\nkernel = [4, 1, 1]\n"
          "[[generator.row]]\nkernel = [\n  1,  # pitches\n  12,\n  1,\n]\n",
          "a.b.\"c d\".'e' = '''\nlong ''\n'''\nother = \"\"\"\\\n   one \\u00e9 \\U0001F3B5 \\\"\\\\\n\"\"\"\n",
          "hex = 0xff\noctal = 0o17\nbinary = 0b1_0\nspecial = [-inf, +nan, 1e-5, -0.0, 9_223_372_036_854_775_807]\n",
          "when = 1979-05-27T07:32:00.999-07:00\ntime = 07:32:00\n", "x = [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]\r\n",
          "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p = {}\n[z.y.x.w.v.u.t.s.r.q]\n", "\xEF\xBB\xBFt = \"caf\xC3\xA9\"", ""})
        files.emplace_back(text.begin(), text.end());
    return files;
}
