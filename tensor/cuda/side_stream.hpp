// The stream beside the backend's own: in a graph, a second chain of launches that may run while the first one does.
#pragma once

#include "tensor/cuda/cublas.hpp"
#include "tensor/cuda/runtime.hpp"

namespace tensor::cuda {

/// Work goes to this stream only while the backend's own captures, so the two are branches of one graph. The events are
/// the graph's edges between them. Its products have a workspace of their own, since two may run at the same time.
struct SideStream {
    SideStream(Context context, Tensor workspace)
        : stream(make_stream()), forked(make_event()), joined(make_event()), cublas([&] {
              context.stream = stream.get();
              return CublasHandle(context, std::move(workspace));
          }()) {}

    /// What is issued on this stream next runs after all that was issued on `main` so far.
    void fork_from(cudaStream_t main) const;
    /// What is issued on `main` next runs after all that was issued here.
    void join(cudaStream_t main) const;

    Stream stream;
    Event forked, joined;
    CublasHandle cublas;
};

}  // namespace tensor::cuda
