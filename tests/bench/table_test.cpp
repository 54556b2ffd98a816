// A row of the convolution tables: what it concludes from a time, and what it writes and reads back.
#include "bench/table.hpp"

#include <doctest/doctest.h>

#include "tests/support/temporary_folder.hpp"

namespace {

const tensor::Roofs roofs{
    .f32_gflops = 100, .tf32_gflops = 400, .bf16_gflops = 0, .copy_gb_s = 10, .caches = {}, .start_ms = 0.01};

bench::Row row_of(double milliseconds) {
    bench::Row row{.layer = "paper/critic.conv1", .operation = "F", .precision = "f32", .algorithm = "direct"};
    row.time = {milliseconds, milliseconds, milliseconds, 3};
    return row;
}

}  // namespace

TEST_CASE("a call is bound by its arithmetic, by its memory, or by its start") {
    bench::Row row = row_of(4.0);
    row.complete(200e6, 1e6, roofs, tensor::Precision::f32);  // 2 ms and 0.1 ms
    CHECK(row.floor.milliseconds == doctest::Approx(2.0));
    CHECK(row.floor.bound == musegan::Bound::arithmetic);
    CHECK(row.share_of_bound == doctest::Approx(0.5));
    CHECK(row.gflops == doctest::Approx(50.0));
    CHECK(row.gb_s == doctest::Approx(0.25));
    row.complete(200e6, 10e6, roofs, tensor::Precision::tf32);  // 0.5 ms and 1 ms
    CHECK(row.floor.bound == musegan::Bound::memory);
    CHECK(row.share_of_bound == doctest::Approx(0.25));
    row.complete(200e6, 1e6, roofs, tensor::Precision::bf16);  // not measured: counted as f32
    CHECK(row.floor.milliseconds == doctest::Approx(2.0));
    tensor::Roofs measured = roofs;
    measured.bf16_gflops = 800;
    row.complete(200e6, 1e6, measured, tensor::Precision::bf16);
    CHECK(row.floor.milliseconds == doctest::Approx(0.25));
    row.complete(1, 1, roofs, tensor::Precision::f32);
    CHECK(row.floor.bound == musegan::Bound::launch);
    CHECK(row.floor.milliseconds == doctest::Approx(0.01));
}

TEST_CASE("what did not run has a floor and no share") {
    bench::Row row = row_of(0.0);
    row.complete(200e6, 1e6, roofs, tensor::Precision::f32);
    CHECK(row.floor.milliseconds == doctest::Approx(2.0));
    CHECK(row.share_of_bound == 0.0);
}

TEST_CASE("a table is read back as it was written") {
    const support::TemporaryFolder folder;
    const std::string path = (folder.path() / "table.csv").string();
    bench::Row row = row_of(4.0);
    row.complete(200e6, 1e6, roofs, tensor::Precision::f32);
    row.note = "with, a comma";
    {
        io::CsvWriter csv(path, bench::header());
        csv.row(row.fields());
    }
    const std::vector<bench::Row> read = bench::read_rows(path);
    REQUIRE(read.size() == 1);
    CHECK(read[0].layer == row.layer);
    CHECK(read[0].time.median == 4.0);
    CHECK(read[0].note == row.note);
    CHECK(row.json()["bound"] == "arithmetic");
    CHECK(row.json()["share_of_bound"] == doctest::Approx(0.5));
}
