// What a launch needs of instructions.cpp: it ends a block's asynchronous copies with the block.
#pragma once

namespace standin {

/// The block has ended; with `check` a fault is recorded for the copies of each thread that were never waited for.
void end_copies(bool check);

}  // namespace standin
