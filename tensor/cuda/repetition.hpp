// Work that repeats, kept as one graph: an update of the critic is some hundreds of launches, and neither has the
// device to wait for each of them to arrive, nor the host to call its operators again.
#pragma once

#include <cuda_runtime.h>

#include "tensor/cuda/capture.hpp"
#include "tensor/execution.hpp"
#include "tensor/repetition.hpp"
#include "tensor/spans.hpp"

namespace tensor::cuda {

class CudaBackend;

/// The first time the work runs by itself: modules are loaded, the arena grows, cuBLAS chooses its algorithms. The
/// second time its launches are captured as a graph. From then on the graph is started again, after one launch that
/// writes the words of the run to the device.
///
/// A graph holds addresses. Those of parameters stay (Repetition's contract); those of what the work made itself, and
/// has freed since, belong to the arena, which may hand them out to others while the graph does not run. So before each
/// replay the arena is asked whether they are free. Where they are not, the work is captured anew: nothing has to be
/// kept back for a graph.
class CudaRepetition final : public Repetition {
  public:
    CudaRepetition(const CudaBackend& backend, const char* name) : backend_(backend), name_(name) {}

    /// Throws what `work` throws, and nothing of it has run; Error if the device refuses to start the graph. Where the
    /// device refuses to capture the work or to make a graph of it, the work runs by itself, now and from now on, and
    /// counts().refused says why.
    std::vector<Tensor> run(std::span<const std::uint64_t> words, const Work& work) override;
    void forget() override { is_recorded_ = false; }

  private:
    bool may_gather() const;
    std::vector<Tensor> run_eagerly(const Work& work);
    /// Runs the work by itself, and makes room for its words and for what it returns.
    std::vector<Tensor> warm_up(std::span<const std::uint64_t> words, const Work& work);
    void record(const Work& work);
    /// Copies what the work returned to memory that no graph writes to in between.
    void keep(const std::vector<Tensor>& results);
    void take(const Graph& graph);
    /// Notes why there will be no graph.
    void refuse(cudaError_t status);
    const std::uint64_t* words_on_device() const { return static_cast<const std::uint64_t*>(words_.raw()); }

    const CudaBackend& backend_;
    const char* name_;
    Execution execution_{};  ///< how operators ran when the work was last by itself
    bool is_warm_ = false, is_recorded_ = false;
    Executable executable_;
    Spans spans_;  ///< that the graph writes to and has freed
    Tensor words_;
    std::vector<Tensor> kept_;
};

}  // namespace tensor::cuda
