#include "tensor/execution.hpp"

#include "tensor/error.hpp"

namespace tensor {

namespace {

constinit thread_local Execution current{};

}  // namespace

const Execution& execution() { return current; }

ExecutionScope::ExecutionScope(const Execution& execution) : previous_(current) {
    if (execution.rehearsed.kind == DeviceKind::dry)
        fail("execution", "the dry device stands in for dry, expected another device");
    current = execution;
}

ExecutionScope::~ExecutionScope() { current = previous_; }

}  // namespace tensor
