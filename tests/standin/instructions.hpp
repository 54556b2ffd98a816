// The one thing of instructions.cpp that a launch must know: a block's asynchronous copies end with it.
#pragma once

namespace standin {

/// The block has ended; with `check` a fault is recorded for the copies of each thread that were never waited
/// for.
void end_copies(bool check);

}  // namespace standin
