// The critic's layers are those of the case table: what is proved and timed there is what trains.
#include "musegan/networks/critic.hpp"

#include <doctest/doctest.h>

#include <string_view>

#include "musegan/phrase/pianoroll.hpp"
#include "tensor/execution.hpp"
#include "tensor/observer.hpp"
#include "tests/support/cases.hpp"

namespace {

/// Sums up the FLOPs of matrix products and convolutions, but not of what is inside them.
class Products final : public tensor::Observer {
  public:
    void begin(const tensor::Event&) override { ++open_; }
    void end(const tensor::Event& event) override {
        const std::string_view name = event.scope.operation;
        if (--open_ == 0 && (name.starts_with("conv3d") || name.starts_with("matmul"))) flops += event.flops;
    }

    double flops = 0;

  private:
    int open_ = 0;
};

}  // namespace

TEST_CASE("the products of a forward pass have the FLOPs that the critic states") {
    musegan::ModelConfig config;
    config.width = 0.25;
    tensor::RandomStream stream{1};
    const musegan::Critic critic = make_critics(config, stream, tensor::DType::f32, tensor::Device::dry()).front();
    const tensor::Shape shape{3, musegan::paper_shape.steps(), musegan::paper_shape.pitches, musegan::n_tracks, 1};
    const autograd::Variable phrases(tensor::Tensor::zeros(shape, tensor::DType::f32, tensor::Device::dry()));
    for (const tensor::Fusion fusion : {tensor::Fusion::off, tensor::Fusion::always}) {
        const tensor::ExecutionScope scope({.fusion = fusion});
        Products products;
        const tensor::ObserverScope observed(&products);
        critic(phrases);
        CHECK(products.flops == critic.flops(3));
    }
}

TEST_CASE("the critic's convolutions at full width are the table's, in its order") {
    tensor::RandomStream stream{1};
    const musegan::Critic critic = musegan::make_critics({}, stream, tensor::DType::f32, tensor::Device::dry()).front();
    std::vector<support::Conv3dCase> cases;
    for (support::Conv3dCase& each : support::full_width_conv3d_cases())
        if (each.name.starts_with("critic ") && !each.name.ends_with("one track")) cases.push_back(std::move(each));
    REQUIRE(critic.convolutions().size() == cases.size());
    for (std::size_t i = 0; i < cases.size(); ++i)
        CHECK(critic.convolutions()[i].to_string() == cases[i].geometry.to_string());
}
