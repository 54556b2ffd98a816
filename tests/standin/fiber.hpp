// Fibers: computations with stacks of their own, between which one processor thread switches. The threads of a block
// are fibers.
#pragma once

#include <cstddef>

namespace standin {

/// A stack, and where its computation stopped. A default-constructed Fiber stands for the stack that is already
/// running.
class Fiber {
  public:
    Fiber() = default;
    /// A fiber that calls `body` at the first switch to it. `body` must never return.
    explicit Fiber(void (*body)());
    ~Fiber();
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;

    /// Forgets what the fiber did; the next switch to it calls its body afresh. Nothing on its stack is destroyed.
    void reset();

    /// Stops this fiber, which must be the running one, and goes on with `next`.
    void switch_to(Fiber& next);

  private:
    static void enter();

    void* stack_pointer_ = nullptr;  // where the registers were saved; the context of ucontext.h elsewhere
    void (*body_)() = nullptr;
    std::byte* mapping_ = nullptr;
    const void* stack_ = nullptr;  // lowest address, for the address sanitizer
    std::size_t stack_bytes_ = 0;
    void* fake_stack_ = nullptr;  // of the address sanitizer
};

}  // namespace standin
