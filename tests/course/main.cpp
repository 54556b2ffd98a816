// The entry of the course's programs. Without arguments it lists the exercises: which are solved, and where the next
// one is. With arguments it is a doctest program like the others: -tc="2.1*" runs one exercise and says what is wrong.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/run_cases.hpp"

namespace {

const char* program = COURSE_PROGRAM;

/// "2.1: the rule of the exponential" is exercise 1 of chapter 2.
std::pair<int, int> number_of(const std::string& name) {
    int chapter = 0, exercise = 0;
    std::sscanf(name.c_str(), "%d.%d", &chapter, &exercise);
    return {chapter, exercise};
}

struct ExerciseList : support::QuietReporter {
    using QuietReporter::QuietReporter;

    void test_case_start(const doctest::TestCaseData& exercise) override { name_ = exercise.m_name; }
    void test_case_end(const doctest::CurrentTestCaseStats& end) override {
        exercises_.emplace_back(name_, end.failure_flags == 0);
    }
    void test_run_end(const doctest::TestRunStats&) override {
        std::ranges::sort(exercises_, {}, [](const auto& exercise) { return number_of(exercise.first); });
        for (const auto& [name, is_solved] : exercises_)
            fmt::print("  {}  {}\n", is_solved ? "solved" : "to do ", name);
        const auto next = std::ranges::find(exercises_, false, &std::pair<std::string, bool>::second);
        const auto solved = std::ranges::count(exercises_, true, &std::pair<std::string, bool>::second);
        fmt::print("{} of {} exercises solved\n", solved, exercises_.size());
        if (next == exercises_.end()) return;
        const auto [chapter, exercise] = number_of(next->first);
        fmt::print("next: {}.{} in {}/chapter_{}.hpp; what it says: {} -tc=\"{}.{}:*\"\n", chapter, exercise,
                   COURSE_PLACE, chapter, program, chapter, exercise);
        if (std::string_view(COURSE_PLACE).ends_with("start"))
            fmt::print(
                "first make a copy of your own: cp -r tests/course/start tests/course/mine && ninja -C build {}\n",
                COURSE_PROGRAM);
        std::fflush(stdout);  // an answer that crashes ends the run here
    }

  private:
    std::string name_;
    std::vector<std::pair<std::string, bool>> exercises_;
};

}  // namespace

REGISTER_REPORTER("exercises", 1, ExerciseList);

int main(int argument_count, char** arguments) {
    if (argument_count > 0) program = arguments[0];
    doctest::Context context(argument_count, arguments);
    if (argument_count == 1) context.setOption("reporters", "exercises");
    return support::run_cases(context);
}
