// Every kernel begins with begin_kernel (tensor/cuda/instructions.cuh), and none loads through __ldg or __restrict__.
#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "tests/house/source_words.hpp"
#include "tests/support/project_files.hpp"

namespace {

/// The text with a space for each character of a comment, so that lines stay where they are.
std::string without_comments(std::string text) {
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        if (text[i] != '/' || (text[i + 1] != '/' && text[i + 1] != '*')) continue;
        const std::size_t end = house::splitting::end_of_comment(text, i);
        for (; i < end; ++i)
            if (text[i] != '\n') text[i] = ' ';
    }
    return text;
}

std::string place_of(const std::string& path, const std::string& code, std::size_t at) {
    const auto lines = std::count(code.begin(), code.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    return path + ":" + std::to_string(lines + 1) + ": ";
}

/// Where the body begins behind the `__global__` at `at`: its opening brace outside of all parentheses, or npos where
/// there is only a declaration.
std::size_t body_of(const std::string& code, std::size_t at) {
    int depth = 0;
    for (; at < code.size(); ++at) {
        if (code[at] == '(') ++depth;
        if (code[at] == ')') --depth;
        if (depth == 0 && code[at] == ';') return std::string::npos;
        if (depth == 0 && code[at] == '{') return at;
    }
    return std::string::npos;
}

struct Found {
    int kernels = 0;
    std::vector<std::string> faults;  ///< "file:line: ..."
};

Found check_kernels(const std::string& path, const std::string& text) {
    const std::string code = without_comments(text), first = "begin_kernel();", keyword = "__global__";
    Found found;
    for (std::size_t at = code.find(keyword); at != std::string::npos; at = code.find(keyword, at + 1)) {
        const std::size_t body = body_of(code, at);
        if (body == std::string::npos) continue;
        ++found.kernels;
        std::size_t statement = body + 1;
        while (statement < code.size() && std::isspace(static_cast<unsigned char>(code[statement]))) ++statement;
        if (code.compare(statement, first.size(), first) != 0)
            found.faults.push_back(place_of(path, code, at) + "a kernel whose first statement is not " + first);
    }
    for (const std::string word : {"__ldg", "__restrict__"})
        for (std::size_t at = code.find(word); at != std::string::npos; at = code.find(word, at + 1))
            found.faults.push_back(place_of(path, code, at) + word + ", which may load memory as if it were constant");
    return found;
}

}  // namespace

TEST_CASE("every kernel begins by waiting for its predecessors") {
    int kernels = 0;
    for (const std::string& path : support::project_files(MUSEGAN_SOURCE_DIR)) {
        if (!path.starts_with("tensor/cuda/") || !(path.ends_with(".cu") || path.ends_with(".cuh"))) continue;
        const Found found = check_kernels(path, support::file_text(std::string(MUSEGAN_SOURCE_DIR "/") + path));
        for (const std::string& fault : found.faults) FAIL_CHECK(fault);
        kernels += found.kernels;
    }
    CHECK(kernels >= 20);
}

TEST_CASE("the check of kernels names file and line of one that begins with something else") {
    const Found good = check_kernels("a.cu",
                                     "__global__ void __launch_bounds__(3, f(4)) f(int n) {  // why\n"
                                     "    begin_kernel();\n    if (n) {}\n}\n__global__ void g();\n");
    CHECK(good.kernels == 1);
    CHECK(good.faults.empty());
    const Found bad = check_kernels("b.cu",
                                    "// __global__\n\ntemplate <int n>\n__global__ void f(int* x) {\n"
                                    "    if (x == nullptr) return;\n    begin_kernel();\n}\n"
                                    "__global__ void g(const int* __restrict__ x) {\n    // begin_kernel();\n}\n");
    CHECK(bad.kernels == 2);
    REQUIRE(bad.faults.size() == 3);
    CHECK(bad.faults[0] == "b.cu:4: a kernel whose first statement is not begin_kernel();");
    CHECK(bad.faults[1].starts_with("b.cu:8: a kernel"));
    CHECK(bad.faults[2].starts_with("b.cu:8: __restrict__"));
}
