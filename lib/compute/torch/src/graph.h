// The network as data, as `lib/core/network/graph.ts` builds it. Checked there; parameters are named by position here.
#pragma once

#include <cstdint>
#include <vector>

namespace pentafold {

using Extents = std::vector<int64_t>;

enum class Operation { kInput, kConvolution, kTransposedConvolution, kInstanceNorm, kLeakyRelu, kAveragePool, kAdd, kConcatenate };

/** Position of an absent bias. */
constexpr int64_t kNone = -1;

struct Node {
  Operation operation = Operation::kInput;
  /** Earlier nodes. */
  std::vector<int64_t> from;
  int64_t channels = 0;
  Extents kernel;
  Extents stride;
  /** Positions in `Graph::parameters`. */
  int64_t weight = kNone;
  int64_t bias = kNone;
  double epsilon = 0;
  double slope = 0;
};

struct Graph {
  int64_t dimensions;
  int64_t heads;
  std::vector<Node> nodes;
  /** Nodes whose values are logits, highest resolution first. */
  std::vector<int64_t> outputs;
  /** Shape of each parameter; their values lie one after another in one array, in this order. */
  std::vector<Extents> parameters;
};

}  // namespace pentafold
