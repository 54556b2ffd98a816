// Times every convolution of the presets on a CUDA device by each algorithm, and prints which one the cost
// model takes and which one is the fastest.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>

#include "bench/device_clock.hpp"
#include "bench/layers.hpp"
#include "bench/program.hpp"
#include "bench/table.hpp"
#include "tensor/conv3d.hpp"
#include "tensor/cuda/conv3d_choice.hpp"
#include "tensor/error.hpp"
#include "tensor/execution.hpp"
#include "tensor/random.hpp"

namespace {

using namespace tensor::cuda;
using bench::Row;
using tensor::ConvolutionOperator;
using tensor::Precision;
using tensor::Tensor;

struct Arguments {
    bench::LayerSelection layers;
    tensor::RoofSizes roofs;
    std::string csv, json, beside;
};

struct Operator {
    const char* letter;
    ConvolutionOperator op;
};
constexpr Operator operators[] = {{"F", ConvolutionOperator::forward},
                                  {"A", ConvolutionOperator::input_gradient},
                                  {"B", ConvolutionOperator::weight_gradient}};

/// Random x, w and y of a layer, made on the device.
struct Operands {
    Tensor x, w, y;

    Operands(const tensor::Conv3dGeometry& geometry, std::int64_t rows) {
        tensor::RandomStream stream;
        const auto random = [&](const tensor::Shape& shape) {
            return tensor::random_normal(stream, shape, 1.0, tensor::DType::f32, tensor::Device::cuda());
        };
        x = random(geometry.input_shape(rows));
        w = random(geometry.weight_shape());
        y = random(geometry.output_shape(rows));
    }

    void run(ConvolutionOperator op, const tensor::Conv3dGeometry& geometry) const {
        switch (op) {
            case ConvolutionOperator::forward: tensor::conv3d(x, w, geometry); return;
            case ConvolutionOperator::input_gradient: tensor::conv3d_input_gradient(y, w, geometry); return;
            case ConvolutionOperator::weight_gradient: tensor::conv3d_weight_gradient(x, y, geometry); return;
        }
    }
};

/// Times of the layers' operators in each precision, by each algorithm that the precision allows.
class Table {
  public:
    Table(const Arguments& arguments, const tensor::Roofs& roofs)
        : arguments_(arguments), roofs_(roofs), backend_(bench::cuda_device()), clock_(backend_) {
        if (!arguments.csv.empty()) csv_.emplace(arguments.csv, bench::header());
        if (!arguments.beside.empty()) beside_ = bench::read_rows(arguments.beside);
    }

    /// Measures the layers in order until the time is spent. Returns how many were left out.
    int measure() {
        const auto start = std::chrono::steady_clock::now();
        const std::regex filter(arguments_.layers.filter);
        int left_out = 0;
        print_header();
        for (const bench::ConvolutionLayer& each :
             bench::convolution_layers(musegan::preset_names(), arguments_.layers.batch)) {
            if (!std::regex_search(each.name, filter)) continue;
            const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
            if (spent.count() > arguments_.layers.seconds) ++left_out;
            else measure_layer(each);
        }
        return left_out;
    }

    const std::vector<Row>& rows() const { return rows_; }

  private:
    void measure_layer(const bench::ConvolutionLayer& each) {
        const Operands operands(each.geometry, each.rows);
        for (const Operator& o : operators)
            for (const Precision precision : backend_.facts().precisions)
                measure_operator(each, operands, o, precision);
    }

    void measure_operator(const bench::ConvolutionLayer& each, const Operands& operands, const Operator& o,
                          Precision precision) {
        using enum ConvolutionAlgorithm;
        const tensor::ExecutionScope scope({.precision = precision});
        const ConvolutionTask task{o.op, each.geometry, each.rows, tensor::DType::f32, precision};
        const ConvolutionAlgorithm chosen = choose_algorithm(backend_.context(), task);
        std::vector<Row> found;
        for (const ConvolutionAlgorithm algorithm : {direct, lowering, tensor_core}) {
            if (algorithm == tensor_core && precision == Precision::f32) continue;
            Row row{.layer = each.name,
                    .operation = o.letter,
                    .precision = name_of(precision),
                    .algorithm = name_of(algorithm)};
            row.chosen = algorithm == chosen;
            row.estimate = 1e3 * estimated_seconds(backend_.context(), task, algorithm);
            time(
                row, [&] { operands.run(o.op, each.geometry); }, algorithm);
            found.push_back(row);
        }
        for (Row row : beside_)
            if (row.layer == each.name && row.operation == o.letter && row.precision == name_of(precision))
                found.push_back(row);
        finish(found, each, precision);
    }

    void time(Row& row, const std::function<void()>& work, ConvolutionAlgorithm algorithm) {
        // The direct kernel computes the same in both precisions, so it is timed once.
        const std::string key = row.layer + row.operation;
        if (algorithm == ConvolutionAlgorithm::direct && row.precision == "tf32" && direct_.contains(key)) {
            row.time = direct_[key];
            return;
        }
        try {
            const AlgorithmScope forced(algorithm);
            row.time = clock_.repeat(work, arguments_.layers.milliseconds);
            if (algorithm == ConvolutionAlgorithm::direct) direct_[key] = row.time;
        } catch (const tensor::Error& error) {
            row.note = error.what();
        }
    }

    void finish(std::vector<Row>& found, const bench::ConvolutionLayer& each, Precision precision) {
        const double flops = each.geometry.flops(each.rows), bytes = bench::least_bytes(each.geometry, each.rows);
        Row *ours = nullptr, *taken = nullptr;
        for (Row& row : found) {
            row.complete(flops, bytes, roofs_, precision);
            if (row.time.median <= 0 || row.algorithm.starts_with("cudnn")) continue;
            if (!ours || row.time.median < ours->time.median) ours = &row;
            if (row.chosen) taken = &row;
        }
        if (ours) ours->fastest = true;
        for (const Row& row : found) {
            if (csv_) csv_->row(row.fields());
            rows_.push_back(row);
        }
        print(found, taken, ours);
    }

  public:
    /// Whether times may hold some of the host's.
    void say_refused() const {
        if (clock_.refused() > 0)
            fmt::print("{} measurements could not be captured as a graph: the host issued them call by call\n",
                       clock_.refused());
    }

  private:
    static void print_header() {
        fmt::print("{:32} {:2} {:4} {:>10} {:>10} {:>11} {:>10} {:>9}  {:11} {:11} {:>6} {:>7} {:>6}\n", "layer", "op",
                   "", "direct", "lowering", "tensor_core", "cudnn", "floor", "taken", "fastest", "loss", "GFLOP/s",
                   "GB/s");
    }

    /// One line per operator: milliseconds by algorithm; the loss is the time of the taken algorithm over that of the
    /// fastest.
    static void print(const std::vector<Row>& found, const Row* taken, const Row* fastest) {
        std::map<std::string, std::string> cells;
        for (const Row& row : found) {
            const std::string name = row.algorithm.starts_with("cudnn") ? "cudnn" : row.algorithm;
            cells[name] = row.time.median > 0 ? fmt::format("{:.4f}", row.time.median) : "-";
        }
        const Row& any = found.front();
        fmt::print("{:32} {:2} {:4} {:>10} {:>10} {:>11} {:>10} {:>9.4f}  {:11} {:11} {:>6} {:>7.0f} {:>6.0f}\n",
                   any.layer, any.operation, any.precision, cells["direct"], cells["lowering"], cells["tensor_core"],
                   cells["cudnn"], any.floor.milliseconds, taken ? taken->algorithm : "-",
                   fastest ? fastest->algorithm : "-",
                   taken && fastest ? fmt::format("{:.2f}", taken->time.median / fastest->time.median) : "-",
                   taken ? taken->gflops : 0.0, taken ? taken->gb_s : 0.0);
        std::fflush(stdout);
    }

    Arguments arguments_;
    tensor::Roofs roofs_;
    const CudaBackend& backend_;
    bench::DeviceClock clock_;
    std::optional<io::CsvWriter> csv_;
    std::vector<Row> beside_, rows_;
    std::map<std::string, bench::Samples> direct_;
};

int run(const Arguments& arguments) {
    const tensor::Roofs roofs = tensor::measure_roofs(tensor::Device::cuda(), arguments.roofs);
    const std::string device = bench::cuda_device().facts().description;
    fmt::print(
        "{}\nroofs: f32 {:.0f} GFLOP/s, tf32 {:.0f} GFLOP/s (cuBLAS, {} cubed), copy {:.0f} GB/s; batch {}; "
        "milliseconds, cold cache, medians\n",
        device, roofs.f32_gflops, roofs.tf32_gflops, arguments.roofs.side, roofs.copy_gb_s, arguments.layers.batch);
    Table table(arguments, roofs);
    const int left_out = table.measure();
    if (left_out > 0) fmt::print("{} layers left out: the time given (--seconds) was over\n", left_out);
    table.say_refused();
    if (!arguments.json.empty()) {
        nlohmann::ordered_json json{{"device", device},
                                    {"batch", arguments.layers.batch},
                                    {"f32_gflops", roofs.f32_gflops},
                                    {"tf32_gflops", roofs.tf32_gflops},
                                    {"copy_gb_s", roofs.copy_gb_s},
                                    {"layers_left_out", left_out},
                                    {"rows", nlohmann::ordered_json::array()}};
        for (const Row& row : table.rows()) json["rows"].push_back(row.json());
        std::ofstream(arguments.json) << json.dump(1) << '\n';
    }
    return 0;
}

}  // namespace

int main(int argument_count, char** argument_values) {
    CLI::App app{"Times every convolution of MuseGAN on a CUDA device, by each algorithm.", "convolution_table"};
    app.footer("Example: convolution_table --batch 64 --filter '^paper/critic' --csv convolutions.csv");
    Arguments arguments;
    bench::add_layers(app, arguments.layers);
    bench::add_roof_sizes(app, arguments.roofs);
    app.add_option("--beside", arguments.beside, "A CSV file of cudnn_table, to show its times too")
        ->check(CLI::ExistingFile);
    app.add_option("--csv", arguments.csv, "Write one line per measurement");
    app.add_option("--json", arguments.json, "Write everything");
    return bench::run_program(app, argument_count, argument_values, [&] { return run(arguments); });
}
