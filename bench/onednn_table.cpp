// The convolutions of the presets on the CPU, ours and those of oneDNN's own primitives, in turn: the library that
// frameworks call there. It is a program of its own, so that all others can be built without that part of the library.
#include <fmt/format.h>
#include <omp.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <optional>
#include <regex>

#include "bench/layers.hpp"
#include "bench/onednn_convolution.hpp"
#include "bench/program.hpp"
#include "bench/table.hpp"
#include "tensor/conv3d.hpp"
#include "tensor/cpu/gemm.hpp"
#include "tensor/error.hpp"
#include "tensor/parallel.hpp"
#include "tests/support/random_data.hpp"

namespace {

using bench::ConvolutionOperator;
using bench::Row;
using tensor::Tensor;
using Clock = std::chrono::steady_clock;

struct Arguments {
    bench::LayerSelection layers{.batch = 8, .filter = "^(paper|compact)/"};
    std::string csv, markdown;
    int threads = 0;
};

struct Operator {
    const char* letter;
    ConvolutionOperator op;
};
constexpr Operator operators[] = {{"F", ConvolutionOperator::forward},
                                  {"A", ConvolutionOperator::input_gradient},
                                  {"B", ConvolutionOperator::weight_gradient}};

/// The same operator in both ways, on the same operands.
class Contest {
  public:
    Contest(ConvolutionOperator op, const bench::ConvolutionLayer& layer) : op_(op), geometry_(layer.geometry) {
        const tensor::Shape x = geometry_.input_shape(layer.rows), w = geometry_.weight_shape(),
                            y = geometry_.output_shape(layer.rows);
        const bool reads_x = op != ConvolutionOperator::input_gradient,
                   reads_w = op != ConvolutionOperator::weight_gradient;
        a_ = support::real_tensor<float>(reads_x ? x : y, 1);
        b_ = support::real_tensor<float>(reads_w ? w : y, 2);
        theirs_ = Tensor::zeros(!reads_x ? x : reads_w ? y : w);
        library_.emplace(op, geometry_, layer.rows, a_, b_, theirs_);
    }

    void run_ours() { ours_ = compute(); }
    void run_library() { library_->run(); }
    void run_library_with_reorders() {
        library_->reorder_operands();
        library_->run();
        library_->reorder_result();
    }
    const std::string& implementation() const { return library_->implementation(); }

    /// Throws Error unless both results agree, as sums of so many products in another order may differ.
    void require_agreement(const std::string& layer) {
        run_ours();
        run_library_with_reorders();
        double furthest = 0, squares = 0;
        for (std::int64_t i = 0; i < theirs_.elements(); ++i) {
            const double ours = ours_.data<float>()[i], theirs = theirs_.data<float>()[i];
            furthest = std::max(furthest, std::abs(ours - theirs));
            squares += theirs * theirs;
        }
        const double typical = std::sqrt(squares / static_cast<double>(theirs_.elements()));
        constexpr double tolerance = 1e-4;  // of a typical value; f32 sums of up to a million products
        if (!(furthest <= tolerance * typical))
            tensor::fail("onednn_table", "{}: results differ by {:.3g} where a typical value is {:.3g}", layer,
                         furthest, typical);
    }

  private:
    Tensor compute() const {
        switch (op_) {
            case ConvolutionOperator::forward: return tensor::conv3d(a_, b_, geometry_);
            case ConvolutionOperator::input_gradient: return tensor::conv3d_input_gradient(a_, b_, geometry_);
            case ConvolutionOperator::weight_gradient: break;
        }
        return tensor::conv3d_weight_gradient(a_, b_, geometry_);
    }

    ConvolutionOperator op_;
    tensor::Conv3dGeometry geometry_;
    Tensor a_, b_, ours_, theirs_;
    std::optional<bench::OnednnConvolution> library_;
};

/// One who takes turns: what is timed, and what has to be done before each turn.
struct Contestant {
    std::function<void()> call, prepare;
};

/// Milliseconds per call of each contestant, in turn, round by round.
struct Rounds {
    std::vector<std::vector<double>> milliseconds;

    /// Of contestant `other` over the first one, in pairs of one round.
    bench::Samples ratios(std::size_t other) const {
        std::vector<double> ratios;
        for (std::size_t i = 0; i < milliseconds[0].size(); ++i)
            ratios.push_back(milliseconds[other][i] / milliseconds[0][i]);
        return bench::summarize(ratios);
    }
};

/// The library's threads spin for milliseconds after their work, on the processors that ours are to have next.
void end_library_threads() { omp_pause_resource_all(omp_pause_hard); }
void start_library_threads() {
    static std::atomic<int> entered{0};  // an empty region would be left out
#pragma omp parallel
    ++entered;
}

double time_calls(const std::function<void()>& call, int calls) {
    const auto start = Clock::now();
    for (int i = 0; i < calls; ++i) call();
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count() / calls;
}

/// At least five rounds, until a contestant has run for `milliseconds` on average. Short calls are repeated within a
/// round, so that the clock can tell them apart.
Rounds take_turns(const std::vector<Contestant>& contestants, double milliseconds) {
    constexpr int fewest = 5, most = 200;
    constexpr double least_ms = 0.5;
    Rounds rounds{std::vector<std::vector<double>>(contestants.size())};
    std::vector<int> calls;
    for (const Contestant& each : contestants) {
        each.prepare();
        const double first = time_calls(each.call, 1);
        calls.push_back(std::clamp(static_cast<int>(least_ms / std::max(first, 1e-4)), 1, 1000));
    }
    double spent = 0;
    for (int round = 0; round < most && (round < fewest || spent < milliseconds); ++round)
        for (std::size_t i = 0; i < contestants.size(); ++i) {
            contestants[i].prepare();
            const double time = time_calls(contestants[i].call, calls[i]);
            rounds.milliseconds[i].push_back(time);
            spent += time * calls[i] / static_cast<double>(contestants.size());
        }
    return rounds;
}

/// What is printed and written of every operator of every layer.
class Table {
  public:
    explicit Table(const Arguments& arguments)
        : arguments_(arguments), roofs_(tensor::measure_roofs(tensor::Device::cpu(), {.copy_bytes = 64 << 20})) {
        if (!arguments.csv.empty()) csv_.emplace(arguments.csv, bench::header());
        if (arguments.markdown.empty()) return;
        markdown_ = std::fopen(arguments.markdown.c_str(), "w");
        if (!markdown_) tensor::fail(arguments.markdown, "cannot be written");
        fmt::print(
            markdown_,
            "| layer | | ours, ms | bound | share | oneDNN, ms | with reorders, ms | oneDNN / ours (least to most) | "
            "with reorders / ours |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    }
    ~Table() {
        if (markdown_) std::fclose(markdown_);
    }

    void measure(const bench::ConvolutionLayer& layer, const Operator& each) {
        Contest contest(each.op, layer);
        contest.require_agreement(layer.name + " " + each.letter);
        const Rounds rounds = take_turns({{[&] { contest.run_ours(); }, end_library_threads},
                                          {[&] { contest.run_library(); }, start_library_threads},
                                          {[&] { contest.run_library_with_reorders(); }, start_library_threads}},
                                         arguments_.layers.milliseconds);
        const char* const names[] = {"ours", "oneDNN", "oneDNN with reorders"};
        std::vector<Row> rows;
        for (std::size_t i = 0; i < 3; ++i) {
            Row row{.layer = layer.name, .operation = each.letter, .precision = "f32", .algorithm = names[i]};
            row.time = bench::summarize(rounds.milliseconds[i]);
            row.complete(layer.geometry.flops(layer.rows), bench::least_bytes(layer.geometry, layer.rows), roofs_,
                         tensor::Precision::f32);
            if (i > 0) row.note = contest.implementation();
            if (csv_) csv_->row(row.fields());
            rows.push_back(row);
        }
        print(rows, rounds.ratios(1), rounds.ratios(2));
    }

    const tensor::Roofs& roofs() const { return roofs_; }
    const std::vector<double>& ratios() const { return ratios_; }
    const std::vector<double>& ratios_with_reorders() const { return ratios_with_reorders_; }

  private:
    void print(const std::vector<Row>& rows, const bench::Samples& plain, const bench::Samples& reordered) {
        ratios_.push_back(plain.median);
        ratios_with_reorders_.push_back(reordered.median);
        const Row& ours = rows[0];
        fmt::print(
            "{:36} {:2} {:>9.4f} {:>5.1f}% of {:10} {:>9.4f} {:>9.4f}  {:>6.2f} ({:.2f} to {:.2f}) {:>6.2f}  {}\n",
            ours.layer, ours.operation, ours.time.median, 100 * ours.share_of_bound, name_of(ours.floor.bound),
            rows[1].time.median, rows[2].time.median, plain.median, plain.least, plain.most, reordered.median,
            rows[1].note);
        std::fflush(stdout);
        if (!markdown_) return;
        fmt::print(markdown_,
                   "| {} | {} | {:.4f} | {} | {:.0f} % | {:.4f} | {:.4f} | {:.2f} ({:.2f} to {:.2f}) | {:.2f} ({:.2f} "
                   "to {:.2f}) |\n",
                   ours.layer, ours.operation, ours.time.median, name_of(ours.floor.bound), 100 * ours.share_of_bound,
                   rows[1].time.median, rows[2].time.median, plain.median, plain.least, plain.most, reordered.median,
                   reordered.least, reordered.most);
    }

    Arguments arguments_;
    tensor::Roofs roofs_;
    std::optional<io::CsvWriter> csv_;
    std::FILE* markdown_ = nullptr;
    std::vector<double> ratios_, ratios_with_reorders_;
};

int run(const Arguments& arguments) {
    Table table(arguments);
    fmt::print("{}; batch {}; roofs: f32 {:.0f} GFLOP/s, copy {:.1f} GB/s; milliseconds, medians\n",
               tensor::backend(tensor::Device::cpu()).facts().description, arguments.layers.batch,
               table.roofs().f32_gflops, table.roofs().copy_gb_s);
    fmt::print("{:36} {:2} {:>9} {:>20} {:>9} {:>9}  {}\n", "layer", "", "ours", "", "oneDNN", "reordered",
               "oneDNN / ours, with reorders");
    const std::regex filter(arguments.layers.filter);
    const auto start = Clock::now();
    int left_out = 0;
    for (const bench::ConvolutionLayer& layer :
         bench::convolution_layers(musegan::preset_names(), arguments.layers.batch)) {
        if (!std::regex_search(layer.name, filter)) continue;
        const std::chrono::duration<double> spent = Clock::now() - start;
        if (spent.count() > arguments.layers.seconds) {
            ++left_out;
            continue;
        }
        for (const Operator& each : operators) table.measure(layer, each);
    }
    if (table.ratios().empty()) tensor::fail("onednn_table", "no layer matches {}", arguments.layers.filter);
    const bench::Samples plain = bench::summarize(table.ratios()),
                         reordered = bench::summarize(table.ratios_with_reorders());
    fmt::print(
        "oneDNN / ours over {} operators: median {:.2f} ({:.2f} to {:.2f}); with reorders {:.2f} ({:.2f} to {:.2f})\n",
        plain.count, plain.median, plain.least, plain.most, reordered.median, reordered.least, reordered.most);
    if (left_out > 0) fmt::print("{} layers left out: the time given (--seconds) was over\n", left_out);
    return 0;
}

}  // namespace

int main(int argument_count, char** argument_values) {
    CLI::App app{"Times the presets' convolutions on the CPU, ours and oneDNN's, in turn.", "onednn_table"};
    app.footer("Example: onednn_table --batch 8 --threads 2 --filter '^paper/critic' --markdown table.md");
    Arguments arguments;
    bench::add_layers(app, arguments.layers);
    app.add_option("--threads", arguments.threads, "Threads; 0 takes the machine's processors")
        ->check(CLI::Range(0, 1024));
    app.add_option("--csv", arguments.csv, "Write one line per measurement");
    app.add_option("--markdown", arguments.markdown, "Write the table as Markdown");
    return bench::run_program(app, argument_count, argument_values, [&] {
        if (arguments.threads > 0) tensor::set_thread_count(arguments.threads);
        omp_set_num_threads(tensor::thread_count());
        return run(arguments);
    });
}
