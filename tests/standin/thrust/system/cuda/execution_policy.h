// The execution policies of Thrust on CUDA: par and par_nosync.
#pragma once

#include "../../execution_policy.h"
