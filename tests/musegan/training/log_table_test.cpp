// log.csv after a power cut: whole again, and what is lost is said.
#include "musegan/training/log_table.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "tensor/error.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;

namespace {

const std::vector<std::string> columns{"step", "a", "b"};

/// Repairs a log of that text; returns what it says, and the text after it.
struct Repaired {
    std::string said, text;
};
Repaired repaired(const std::string& text, std::int64_t steps) {
    const support::TemporaryFolder folder;
    const RunFolder run(folder.path());
    support::write_text(run.log(), text);
    Repaired result;
    result.said = repair_log(run, columns, steps);
    result.text = support::read_text(run.log());
    return result;
}

}  // namespace

TEST_CASE("a whole log stays as it is, and rows of later steps go without a word") {
    for (const char* later : {"", "4,7,8\n", "4,7,8\n5,", "4,\0"}) {
        const Repaired log = repaired(std::string("step,a,b\n1,0.5,nan\n2,-inf,1e-9\n3,5,6\n") + later, 3);
        CHECK(log.said.empty());
        CHECK(log.text == "step,a,b\n1,0.5,nan\n2,-inf,1e-9\n3,5,6\n");
    }
    CHECK(repaired("step,a,b\r\n1,2,3\r\n", 1).text == "step,a,b\n1,2,3\n");
    CHECK(repaired("step,a,b\n", 0).said.empty());
}

TEST_CASE("rows that are missing are said, and stand as nan") {
    const Repaired log = repaired("step,a,b\n2,1,2\n6,3,4\n", 8);
    CHECK(log.said ==
          "log.csv had no row of steps 1, 3 to 5 and 7 to 8 (a full disk, a power cut or an edit): repaired, with nan "
          "where numbers "
          "are lost");
    CHECK(log.text == "step,a,b\n1,nan,nan\n2,1,2\n3,nan,nan\n4,nan,nan\n5,nan,nan\n6,3,4\n7,nan,nan\n8,nan,nan\n");
    CHECK(repaired(log.text, 8).said.empty());
    CHECK(support::contains_all(repaired("step,a,b\n1,1,2\n", 2).said, {"no row of step 2 ("}));
    CHECK(support::contains_all(repaired("step,a,b\n", 3).said, {"no row of steps 1 to 3 ("}));
    std::string sparse = "step,a,b\n";
    for (int step = 2; step <= 14; step += 2) sparse += fmt::format("{},1,2\n", step);
    CHECK(support::contains_all(repaired(sparse, 14).said, {"steps 1, 3, 5, 7, 9 and others"}));
}

TEST_CASE("a hole of zeros, lines that are no rows and a row that stands twice are dropped and counted") {
    const std::string hole(50, '\0');
    CHECK(repaired("step,a,b\n1,1,2\n" + hole + "\n3,5,6\n", 3).text == "step,a,b\n1,1,2\n2,nan,nan\n3,5,6\n");
    CHECK(support::contains_all(repaired("step,a,b\n1,1,2\n" + hole + "\n3,5,6\n", 3).said,
                                {"1 damaged line, no row of step 2"}));
    for (const char* bad : {"x", "2", "2,3", "2,3,4,5", "2.5,3,4", "2,3,", "-2,3,4", "0,3,4", "2,3,4x", "", "1,9,9"})
        CHECK(support::contains_all(repaired(fmt::format("step,a,b\n1,1,2\n{}\n", bad), 1).said, {"1 damaged line ("}));
    CHECK(repaired("step,a,b\n2,3,4\n1,1,2\n", 2).text == "step,a,b\n1,1,2\n2,3,4\n");
    for (const char* first : {"", "\n", "st", "1,1,2\n", "step\n"}) {
        const Repaired log = repaired(first, 1);
        CHECK(support::contains_all(log.said, {"no header"}));
        CHECK(log.text.starts_with("step,a,b\n1,"));
    }
    CHECK(support::contains_all(repaired(hole, 1).said, {"no header, no row of step 1"}));
}

TEST_CASE("reading a log keeps every whole row, whatever its columns, and counts the others") {
    const support::TemporaryFolder folder;
    const RunFolder run(folder.path());
    const auto read = [&](const std::string& text) {
        support::write_text(run.log(), text);
        return read_log(run);
    };
    LogTable log = read("step,a,<b>\r\n1,0.5,nan\r\n2,-inf,1e-9\r\n");
    CHECK(log.columns == std::vector<std::string>{"step", "a", "<b>"});
    CHECK(log.column("step") == std::vector<double>{1, 2});
    CHECK(log.column("<b>").back() == 1e-9);
    CHECK(log.damaged == 0);
    CHECK_FALSE(log.is_cut);
    for (const char* bad : {"x", "2", "2,3,4,5", "2.5,3,4", "0,3,4", "-2,3,4", "2,3,4x", "", "1,9,9", "2,\"3\",4",
                            "9999999999999999999,1,1", "9223372036854775807,1,1"}) {
        CAPTURE(bad);
        log = read(fmt::format("step,a,b\n1,1,2\n{}\n3,5,6\n4,5", bad));
        CHECK(log.column("a") == std::vector<double>{1, 5});
        CHECK(log.damaged == 1);
        CHECK(log.is_cut);
    }
    CHECK(read("step,a\n").rows() == 0);
    for (const char* none : {"", "step,a", "1,2\n", "\n", "steps,a\n1,2\n"})
        CHECK_THROWS_WITH_AS(read(none), doctest::Contains("header"), tensor::Error);
}

TEST_CASE("a log that is gone is made anew, one of other columns is refused") {
    const support::TemporaryFolder folder;
    const RunFolder run(folder.path());
    CHECK(support::contains_all(repair_log(run, columns, 2), {"no header, no row of steps 1 to 2"}));
    const LogTable table = read_log(run);
    CHECK(table.column("step") == std::vector<double>{1, 2});
    CHECK(std::isnan(table.column("a").front()));
    CHECK(support::contains_all(support::message_of([&] {
                                    repair_log(run, {"step", "c"}, 2);
                                }),
                                {run.log().string(), "has the header 'step,a,b', expected 'step,c'"}));
}
