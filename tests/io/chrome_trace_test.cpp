// Traces of the Chrome format, byte by byte and through a strict reader of its own.
#include "io/chrome_trace.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <map>
#include <random>

#include "tensor/error.hpp"
#include "tests/support/chrome_trace_reader.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using io::ChromeTrace;
using io::serialize_chrome_trace;
using support::contains_all;
using support::message_of;

namespace {

/// One process with one thread and these spans.
ChromeTrace with(std::vector<io::TraceSpan> spans) { return {{}, {{1, "update"}}, {{7, 1, "work"}}, std::move(spans)}; }

support::ReadTrace read(const ChromeTrace& trace) { return support::read_chrome_trace(serialize_chrome_trace(trace)); }

}  // namespace

TEST_CASE("chrome trace: a whole file, byte for byte") {
    const ChromeTrace trace{
        {{"device", "cpu"}},
        {{3, "critic update"}, {1, "generator update"}},
        {{31, 3, "all"}, {11, 1, "all"}},
        {{"inner", "kernel", 31, 0.25, 3.375, {{"FLOP", std::int64_t{12}}, {"GB/s", 1.5}, {"grid", "1 x 2"}}},
         {"outer", "", 31, 0.25, 1000.0}}};
    CHECK(serialize_chrome_trace(trace) ==
          "{\"displayTimeUnit\":\"ms\",\"metadata\":{\"device\":\"cpu\"},\"traceEvents\":[\n"
          "{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":3,\"args\":{\"name\":\"critic update\"}},\n"
          "{\"ph\":\"M\",\"name\":\"process_sort_index\",\"pid\":3,\"args\":{\"sort_index\":0}},\n"
          "{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":1,\"args\":{\"name\":\"generator update\"}},\n"
          "{\"ph\":\"M\",\"name\":\"process_sort_index\",\"pid\":1,\"args\":{\"sort_index\":1}},\n"
          "{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":3,\"tid\":31,\"args\":{\"name\":\"all\"}},\n"
          "{\"ph\":\"M\",\"name\":\"thread_sort_index\",\"pid\":3,\"tid\":31,\"args\":{\"sort_index\":0}},\n"
          "{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":1,\"tid\":11,\"args\":{\"name\":\"all\"}},\n"
          "{\"ph\":\"M\",\"name\":\"thread_sort_index\",\"pid\":1,\"tid\":11,\"args\":{\"sort_index\":1}},\n"
          "{\"ph\":\"X\",\"name\":\"outer\",\"pid\":3,\"tid\":31,\"ts\":0.25020,\"dur\":999.74940},\n"
          "{\"ph\":\"X\",\"name\":\"inner\",\"cat\":\"kernel\",\"pid\":3,\"tid\":31,\"ts\":0.25020,\"dur\":3.12438,"
          "\"args\":{\"FLOP\":12,\"GB/s\":1.5,\"grid\":\"1 x 2\"}}\n]}\n");
    CHECK(serialize_chrome_trace({}) == "{\"displayTimeUnit\":\"ms\",\"metadata\":{},\"traceEvents\":[\n]}\n");
}

TEST_CASE("chrome trace: what nests or touches still does after rounding to nanoseconds") {
    // A span and its two halves, at ends that no binary fraction holds, again and again inside the second half.
    std::mt19937 engine(1);
    std::uniform_real_distribution<double> share(0.0, 1.0);
    for (int repetition = 0; repetition < 200; ++repetition) {
        std::vector<io::TraceSpan> spans;
        double start = 1e5 * share(engine), end = start + 0.05;
        for (int depth = 0; depth < 8; ++depth) {
            const double middle = start + share(engine) * (end - start);
            spans.push_back({fmt::format("whole {}", depth), "", 7, start, end});
            spans.push_back({fmt::format("first {}", depth), "", 7, start, middle});
            start = middle;
        }
        std::vector<io::TraceSpan> shuffled = spans;
        std::shuffle(shuffled.begin() + 2, shuffled.end(), engine);
        const support::ReadTrace trace = read(with(shuffled));  // which throws where spans overlap
        CHECK(trace.spans.size() == spans.size());
        for (const support::ReadSpan& span : trace.spans) {
            const auto same =
                std::find_if(spans.begin(), spans.end(), [&](const auto& s) { return s.name == span.name; });
            if (span.end == span.start) continue;  // less than a nanosecond
            CHECK(std::abs(static_cast<double>(span.start) - same->start * 1000) <= 0.51);
            CHECK(std::abs(static_cast<double>(span.end + 1) - same->end * 1000) <= 0.51);
        }
    }
    const support::ReadTrace chain = read(with({{"a", "", 7, 0.0, 0.1 + 0.2}, {"b", "", 7, 0.3, 0.4}}));
    CHECK(chain.spans[0].end == 299);
    CHECK(chain.spans[1].start == 300);
    CHECK(chain.spans[1].depth == 0);
}

TEST_CASE("chrome trace: spans of no length stay where they are") {
    const support::ReadTrace trace = read(
        with({{"whole", "", 7, 1, 2}, {"first", "", 7, 1, 1}, {"middle", "", 7, 1.5, 1.5}, {"last", "", 7, 2, 2}}));
    REQUIRE(trace.spans.size() == 4);
    for (std::size_t k = 1; k < 4; ++k) CHECK(trace.spans[k].start == trace.spans[k].end);
    CHECK(trace.spans[1].depth == 1);
    CHECK(trace.spans[2].depth == 1);
}

TEST_CASE("chrome trace: hostile names come back as they were") {
    const std::string hostile =
        "\"\\/\b\f\n\r\t\x01\x1f</script>\u00e9\U0001F3B5; {},:[]" + std::string(1, '\0') + "end";
    ChromeTrace trace{{{hostile, hostile}}, {{1, hostile}}, {{2, 1, hostile}}, {}};
    trace.spans = {{hostile, hostile, 2, 0, 1, {{hostile, hostile}}}};
    const support::ReadTrace back = read(trace);
    CHECK(back.metadata.at(hostile) == hostile);
    CHECK(back.process_names.at(1) == hostile);
    CHECK(back.thread_names.at(2) == hostile);
    REQUIRE(back.spans.size() == 1);
    CHECK(back.spans[0].name == hostile);
    CHECK(back.spans[0].category == hostile);
    CHECK(back.spans[0].arguments.at(hostile) == hostile);
    // What is no UTF-8 is replaced, and the file is JSON all the same.
    CHECK(read(with({{"caf\xe9", "", 7, 0, 1}})).spans[0].name == "caf\xef\xbf\xbd");
}

TEST_CASE("chrome trace: numbers of every size, and those that JSON does not have") {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    const auto arguments = read(with({{"x",
                                       "",
                                       7,
                                       0,
                                       1,
                                       {{"most", most},
                                        {"third", 1.0 / 3},
                                        {"tiny", 5e-324},
                                        {"nan", std::nan("")},
                                        {"infinity", -std::numeric_limits<double>::infinity()}}}}))
                               .spans[0]
                               .arguments;
    CHECK(arguments.at("most").get<std::int64_t>() == most);
    CHECK(arguments.at("third").get<double>() == 1.0 / 3);
    CHECK(arguments.at("tiny").get<double>() == 5e-324);
    CHECK(arguments.at("nan") == "nan");
    CHECK(arguments.at("infinity") == "-inf");
    // An hour in, times are still exact to the nanosecond.
    const support::ReadSpan late = read(with({{"x", "", 7, 3.6e9 - 0.003, 3.6e9 - 0.001}})).spans[0];
    CHECK(late.start == 3'599'999'999'997);
    CHECK(late.end + 1 == 3'599'999'999'999);
}

TEST_CASE("chrome trace: what readers could not show is refused") {
    const auto refusal = [](const ChromeTrace& trace) { return message_of([&] { serialize_chrome_trace(trace); }); };
    CHECK(contains_all(refusal(with({{"a", "", 7, 0, 2}, {"b", "", 7, 1, 3}})),
                       {"chrome trace", "'b' of 1000 to 3000 ns overlaps 'a' of 0 to 2000 ns"}));
    CHECK(contains_all(refusal(with({{"a", "", 7, 0, 9}, {"b", "", 7, 1, 3}, {"c", "", 7, 2, 5}})), {"'c'", "'b'"}));
    CHECK(contains_all(refusal(with({{"back", "", 7, 2, 1}})), {"'back'", "from 2 to 1"}));
    CHECK(contains_all(refusal(with({{"early", "", 7, -1, 1}})), {"'early'", "-1"}));
    CHECK(contains_all(refusal(with({{"x", "", 7, 0, std::nan("")}})), {"'x'", "nan"}));
    CHECK(contains_all(refusal(with({{"x", "", 7, 0, 1e300}})), {"'x'", "1e+300"}));
    CHECK(contains_all(refusal(with({{"x", "", 8, 0, 1}})), {"'x'", "thread 8"}));
    CHECK(contains_all(refusal(with({{"x", "", 7, 0, 1, {{"n", 1.0}, {"n", 2.0}}}})), {"x has 'n' twice"}));
    CHECK(contains_all(refusal({{{"k", ""}, {"k", ""}}, {}, {}, {}}), {"the metadata has 'k' twice"}));
    CHECK(contains_all(refusal({{}, {{0, "p"}}, {}, {}}), {"process 'p' has the id 0"}));
    CHECK(contains_all(refusal({{}, {{1, "p"}, {1, "q"}}, {}, {}}), {"process 'q' has the id 1"}));
    CHECK(contains_all(refusal({{}, {{1, "p"}}, {{-2, 1, "t"}}, {}}), {"thread 't' has the id -2"}));
    CHECK(contains_all(refusal({{}, {{1, "p"}, {2, "q"}}, {{5, 1, "t"}, {5, 2, "u"}}, {}}), {"thread 'u'"}));
    CHECK(contains_all(refusal({{}, {{1, "p"}}, {{5, 2, "t"}}, {}}), {"thread 't' is of process 2"}));
    // On two threads spans may lie as they like.
    CHECK(read({{}, {{1, "p"}}, {{1, 1, "t"}, {2, 1, "u"}}, {{"a", "", 1, 0, 2}, {"b", "", 2, 1, 3}}}).spans.size() ==
          2);
}

TEST_CASE("chrome trace: the file appears whole, or one error names it") {
    const support::TemporaryFolder folder;
    const ChromeTrace trace = with({{"a", "", 7, 0, 2}});
    io::write_chrome_trace(folder / "trace.json", trace);
    CHECK(support::read_text(folder / "trace.json") == serialize_chrome_trace(trace));
    CHECK(contains_all(message_of([&] {
                           io::write_chrome_trace(folder / "trace.json", with({{"a", "", 9, 0, 1}}));
                       }),
                       {"thread 9"}));
    CHECK(support::read_text(folder / "trace.json") == serialize_chrome_trace(trace));
    CHECK(folder.files() == 1);
    CHECK(contains_all(message_of([&] { io::write_chrome_trace(folder.path() / "none" / "trace.json", trace); }),
                       {"none/trace.json", "No such file"}));
}

TEST_CASE("chrome trace: the reader of the tests sees what is wrong") {
    const std::string good = serialize_chrome_trace(with({{"a", "", 7, 1, 2}, {"b", "", 7, 2, 3}}));
    const auto fault = [&](const std::string& from, const std::string& to) {
        std::string bad = good;
        const std::size_t at = bad.find(from);
        REQUIRE(at != std::string::npos);
        bad.replace(at, from.size(), to);
        return message_of([&] { support::read_chrome_trace(bad); });
    };
    const std::string fine = "nothing was thrown";
    CHECK(fault("\"ts\":1.00020", "\"ts\":1.00020") == fine);
    CHECK(fault("\"dur\":0.99940", "\"dur\":1.00040").find("overlaps") != std::string::npos);
    CHECK(fault("\"ts\":1.00020", "\"ts\":3.00020").find("too late") != std::string::npos);
    CHECK(fault("\"ts\":1.00020", "\"ts\":-1.00020").find("ts") != std::string::npos);
    CHECK(fault("\"ph\":\"X\"", "\"ph\":\"B\"").find("phase") != std::string::npos);
    CHECK(fault("\"tid\":7,\"args\"", "\"tid\":8,\"args\"") != fine);
    CHECK(fault("]}", "]") != fine);
}
