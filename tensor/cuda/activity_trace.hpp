// CUPTI's trace of what runs on the GPUs of this process. It also sees inside graphs, where no event can be recorded.
#pragma once

#include <memory>

#include "tensor/activity_trace.hpp"

namespace tensor::cuda {

/// A trace that begins here. What a graph runs is seen if the graph was made while a trace lived. Throws Error if there
/// is one already, or where CUPTI is not there or cannot trace: for another tool that traces this process, or for want
/// of a permission.
std::unique_ptr<ActivityTrace> make_activity_trace();

}  // namespace tensor::cuda
