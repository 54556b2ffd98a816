// The toolkit's libraries are loaded when they are needed; why one cannot be loaded is said in one line.
#include "tensor/cuda/toolkit_library.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tensor/cuda/cublas_functions.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/execution.hpp"
#include "tensor/matmul.hpp"
#include "tests/cuda/repeated.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/environment_variable.hpp"
#include "tests/support/temporary_folder.hpp"

using support::EnvironmentVariable;
using support::message_of;
using tensor::Device;
using tensor::DType;
using tensor::Tensor;
using tensor::cuda::ToolkitLibrary;

namespace {

/// The error of loading cuBLAS from a file is one line with these parts.
void check_refused(const std::string& file, const std::vector<std::string>& parts) {
    const EnvironmentVariable chosen("MUSEGAN_CUBLAS", file.c_str());
    const std::string line = message_of([] { tensor::cuda::cublas::load(); });
    CAPTURE(line);
    for (const std::string& part : parts) CHECK_MESSAGE(line.find(part) != std::string::npos, part);
    CHECK(line.find('\n') == std::string::npos);
}

}  // namespace

TEST_CASE("cuBLAS is found without a device, and has every function that we call") {
    const tensor::cuda::cublas::Functions functions = tensor::cuda::cublas::load();
    CHECK(bool(functions.create != nullptr));
    CHECK(bool(functions.multiply != nullptr));
    CHECK(std::string(functions.get_status_string(CUBLAS_STATUS_INVALID_VALUE)).size() > 5);
}

TEST_CASE("a cuBLAS that is missing, no library, or lacks a function is refused in one line") {
    const std::string expected = "expected the CUDA toolkit's library of matrix products";
    check_refused("/nowhere/libcublas.so.13", {"[cublas] /nowhere/libcublas.so.13: ", "No such file",
                                               expected + ", or its file in MUSEGAN_CUBLAS"});
    const support::TemporaryFolder folder;
    const std::filesystem::path text = folder.path() / "libcublas.so";
    std::ofstream(text) << "not a library";
    check_refused(text.string(), {"[cublas] " + text.string(), expected, "MUSEGAN_CUBLAS"});
    check_refused("libm.so.6",  // a library, of something else
                  {"[cublas] libm.so.6 has no cublasCreate_v2, " + expected + " of CUDA 12.0 or later"});
}

TEST_CASE("where no variable names a file, the first place that was tried is named") {
    const std::string line = message_of([] {
        ToolkitLibrary({"none", "libmusegan-none.so", "MUSEGAN_NONE", "a library that is not there"});
    });
    CAPTURE(line);
    CHECK(support::contains_all(
        line, {"[none] libmusegan-none.so.", "expected a library that is not there", "MUSEGAN_NONE"}));
    const EnvironmentVariable empty("MUSEGAN_NONE", "");  // is as none
    CHECK(message_of([] {
              ToolkitLibrary({"none", "libmusegan-none.so", "MUSEGAN_NONE", "a library that is not there"});
          }) == line);
}

#if defined(TENSOR_CUDA_STANDIN)

TEST_CASE("a product may come first in work that is captured") {
    standin::device().count = 8;  // device 7 has no guards, and gathers launches into graphs
    const Device device = Device::cuda(7);
    const Tensor a = Tensor::full({2, 3}, 2, DType::f32, device), b = Tensor::full({3, 2}, 1, DType::f32, device);
    Tensor y;
    bool multiplies = false;
    support::Repeated first_products(device, "first products");
    for (int time = 0; time < 3; ++time) {
        first_products([&] { y = multiplies ? tensor::matmul_nn(a, b) : tensor::negate(a); });
        multiplies = true;
    }
    CHECK(y.values<float>() == std::vector<float>{6, 6, 6, 6});
    CHECK(support::cuda_faults() == "");
    standin::device().count = 1;
}

#endif
