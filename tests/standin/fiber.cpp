#include "fiber.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

// A switch saves the registers that a called function must preserve on the old stack and takes them from the new one.
// STANDIN_UCONTEXT chooses the system's switch, which is slower (one system call per switch) and the only one on other
// processors.
#if !defined(STANDIN_UCONTEXT) && defined(__x86_64__)
#define STANDIN_ASSEMBLY
asm(R"(
    .text
    .type standin_switch, @function
standin_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .size standin_switch, . - standin_switch
)");
#elif !defined(STANDIN_UCONTEXT) && defined(__aarch64__)
#define STANDIN_ASSEMBLY
asm(R"(
    .text
    .type standin_switch, %function
standin_switch:
    sub sp, sp, #160
    stp x19, x20, [sp, #0]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mov x9, sp
    str x9, [x0]
    mov sp, x1
    ldp x19, x20, [sp, #0]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    add sp, sp, #160
    ret
    .size standin_switch, . - standin_switch
)");
#else
#include <ucontext.h>
#endif

#if defined(STANDIN_ASSEMBLY)
/// Saves the running computation, stores its stack pointer in *old and goes on with the one saved at `next`.
extern "C" void standin_switch(void** old, void* next) asm("standin_switch");
#endif

namespace standin {

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t usable_bytes = 128 << 10;  // the address sanitizer's red zones widen every frame
#else
constexpr std::size_t usable_bytes = 64 << 10;
#endif
constexpr std::size_t guard_bytes = 64 << 10;  // unmapped, below the stack: an overflow stops the program at once

// The fibers of the switch under way. A fiber that resumes reads from these which fiber resumed it.
Fiber* switched_from = nullptr;
Fiber* switched_to = nullptr;

}  // namespace

Fiber::Fiber(void (*body)()) : body_(body), stack_bytes_(usable_bytes) {
    void* const memory = mmap(nullptr, guard_bytes + usable_bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    mprotect(memory, guard_bytes, PROT_NONE);
    mapping_ = static_cast<std::byte*>(memory);
    stack_ = mapping_ + guard_bytes;
    reset();
}

Fiber::~Fiber() {
#if !defined(STANDIN_ASSEMBLY)
    delete static_cast<ucontext_t*>(stack_pointer_);
#endif
    if (mapping_ != nullptr) munmap(mapping_, guard_bytes + usable_bytes);
}

void Fiber::reset() {
#if defined(__SANITIZE_ADDRESS__)
    __asan_unpoison_memory_region(stack_, stack_bytes_);  // the frames that were left without returning
#endif
    fake_stack_ = nullptr;
    std::byte* const top = mapping_ + guard_bytes + usable_bytes;
#if !defined(STANDIN_ASSEMBLY)
    if (stack_pointer_ == nullptr) stack_pointer_ = new ucontext_t;
    auto* const context = static_cast<ucontext_t*>(stack_pointer_);
    getcontext(context);
    context->uc_stack.ss_sp = top - usable_bytes;
    context->uc_stack.ss_size = usable_bytes;
    context->uc_link = nullptr;
    makecontext(context, &Fiber::enter, 0);
#elif defined(__x86_64__)
    // Six registers, the address that `ret` takes, and a null where enter's own return address would be, which also
    // gives enter the stack alignment of a called function.
    auto* const frame = reinterpret_cast<std::uint64_t*>(top) - 8;
    for (int i = 0; i < 8; ++i) frame[i] = 0;
    frame[6] = reinterpret_cast<std::uint64_t>(&Fiber::enter);
    stack_pointer_ = frame;
#else
    auto* const frame = reinterpret_cast<std::uint64_t*>(top) - 20;
    for (int i = 0; i < 20; ++i) frame[i] = 0;
    frame[11] = reinterpret_cast<std::uint64_t>(&Fiber::enter);  // x30, where `ret` goes
    stack_pointer_ = frame;
#endif
}

void Fiber::switch_to(Fiber& next) {
    switched_from = this;
    switched_to = &next;
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(&fake_stack_, next.stack_, next.stack_bytes_);
#endif
#if defined(STANDIN_ASSEMBLY)
    standin_switch(&stack_pointer_, next.stack_pointer_);
#else
    if (stack_pointer_ == nullptr) stack_pointer_ = new ucontext_t;
    swapcontext(static_cast<ucontext_t*>(stack_pointer_), static_cast<ucontext_t*>(next.stack_pointer_));
#endif
#if defined(__SANITIZE_ADDRESS__)
    // Stores the bounds of the stack that was running before. For the program's first stack this is the only source of
    // them.
    __sanitizer_finish_switch_fiber(fake_stack_, &switched_from->stack_, &switched_from->stack_bytes_);
#endif
}

void Fiber::enter() {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(nullptr, &switched_from->stack_, &switched_from->stack_bytes_);
#endif
    switched_to->body_();
    std::abort();
}

}  // namespace standin
