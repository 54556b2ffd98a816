// Distributions of points in the plane, of which every answer is known: those of the toy experiments of Gulrajani,
// Ahmed, Arjovsky, Dumoulin, Courville: "Improved training of Wasserstein GANs", NeurIPS 2017, figure 1.
#pragma once

#include <array>
#include <vector>

#include "musegan/figures/plane_grid.hpp"
#include "tensor/philox.hpp"
#include "tensor/tensor.hpp"

namespace musegan {

/// All have a deviation of about 1 along each axis (the roll 0.93), and their mean near 0.
///
/// - eight_gaussians: equally likely, centred on a circle of radius sqrt 2.
/// - twenty_five_gaussians: equally likely, centred on a grid of 5 x 5 points, 1 / sqrt 2 apart.
/// - swiss_roll: points t (cos t, sin t) / 7.5 of a spiral, t uniform in [1.5 pi, 4.5 pi).
///
/// Around each centre, or point of the spiral, stands a Gaussian of deviation_of. It is wider than the paper's for the
/// Gaussians (0.014 and 0.018), so that a training of seconds can show whether a generator finds them.
enum class PlaneData { eight_gaussians, twenty_five_gaussians, swiss_roll };
constexpr auto enum_names(PlaneData) { return std::array{"eight_gaussians", "twenty_five_gaussians", "swiss_roll"}; }

/// Independent points; the stream moves on by one block for each.
std::vector<PlanePoint> draw_points(PlaneData data, std::int64_t count, tensor::RandomStream& stream);

/// Of the Gaussian around each centre, along each axis.
double deviation_of(PlaneData data);
/// The centres; none for the roll, whose centres are a curve.
std::vector<PlanePoint> modes_of(PlaneData data);
/// From a point to the nearest centre; for the roll to its spiral, as 500 straight pieces, which is within 0.0003 of
/// it.
double distance_to_center(PlaneData data, PlanePoint point);

/// Points as a tensor [N, 2], and back.
tensor::Tensor tensor_of(const std::vector<PlanePoint>& points, tensor::DType dtype, tensor::Device device);
std::vector<PlanePoint> points_of(const tensor::Tensor& points);

}  // namespace musegan
