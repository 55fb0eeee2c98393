// Keeps the large arrays that libtorch frees, for the next step to take again.
//
// A step allocates and frees the same hundred arrays of megabytes each; going to the system for them costs a page fault
// per 4 KiB, a tenth of a small network's step.
#pragma once

namespace pentafold {

/** From now on libtorch's CPU memory of this process comes from the cache. Safe to call more than once. */
void install_block_cache();

/** Gives all kept memory back to the system. */
void empty_block_cache();

}  // namespace pentafold
