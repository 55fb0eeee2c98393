// Executes a graph: forward, and backward written out node by node. No autograd, so nothing is recorded that is not
// used, and a norm runs together with the rectifier behind it.
//
// A pass computes in the element type of its input, float32, bfloat16 or float16: convolutions and activations, as under
// PyTorch's autocast. Parameters, statistics of the norms, logits and the gradients of both stay float32.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "graph.h"
#include "instance_norm.h"

namespace pentafold {

/** What a forward pass leaves for the backward one. */
struct Activations {
  /** Value of each node; undefined where it was not computed or is not needed any more. */
  std::vector<at::Tensor> values;
  /** Statistics of each norm node. */
  std::vector<NormStatistics> statistics;
  /** Like `Network::parameters()`, in the type of the pass: what its convolutions read. */
  at::Tensor rounded;
};

/** Which outputs are computed, highest resolution first. */
using OutputMask = std::vector<bool>;

class Network {
 public:
  explicit Network(Graph graph);

  const Graph& graph() const { return graph_; }

  /** All parameters, one after another. */
  const at::Tensor& parameters() const { return parameters_; }

  /** The part of a flat array (of the length of `parameters()`) that belongs to one parameter, in its shape. */
  at::Tensor slice(const at::Tensor& flat, int64_t parameter) const;

  /** Spatial extent of each output for an input of the given extent. */
  std::vector<Extents> output_extents(const Extents& input) const;

  /** Float32 logits of the wanted outputs, the others undefined; keeps nothing. @param input channels-last */
  std::vector<at::Tensor> predict(const at::Tensor& input, const OutputMask& wanted) const;

  /** As `predict`, and fills `activations`. */
  std::vector<at::Tensor> forward(const at::Tensor& input, const OutputMask& wanted, Activations& activations) const;

  /**
   * Gradients of all parameters, in one array like `parameters()`; those that no wanted output depends on become 0.
   *
   * Consumes the activations and the gradients. @param output_gradients undefined for an output that was not wanted
   */
  void backward(Activations& activations, std::vector<at::Tensor> output_gradients, const at::Tensor& gradients) const;

  /** Whether each parameter takes part in the wanted outputs. */
  std::vector<bool> used_parameters(const OutputMask& wanted) const;

 private:
  std::vector<bool> needed_nodes(const OutputMask& wanted) const;
  /** Per node, the last needed node that reads it; outputs are read at the end. */
  std::vector<int64_t> last_readers(const std::vector<bool>& needed) const;
  std::vector<at::Tensor> run(const at::Tensor& input, const OutputMask& wanted, Activations& activations, bool keep) const;
  void compute(int64_t node, Activations& activations, bool keep) const;
  /** A parameter as the convolutions of a pass read it; undefined for none. */
  at::Tensor rounded(const Activations& activations, int64_t position) const;
  void compute_norm(int64_t node, Activations& activations, bool keep) const;
  void rectify(int64_t node, Activations& activations) const;
  /** Whether a rectifier writes over the sum before it. */
  bool rectified_in_place(int64_t node) const;
  void add(int64_t node, Activations& activations) const;
  void propagate(int64_t node, Activations& activations, std::vector<at::Tensor>& node_gradients,
                 const at::Tensor& gradients) const;
  at::Tensor parameter(int64_t position) const;
  at::Tensor gradient_slice(const at::Tensor& gradients, int64_t position) const;

  Graph graph_;
  std::vector<int64_t> offsets_;
  /** How many nodes read each node; being an output counts as one more. */
  std::vector<int64_t> readers_;
  /** Per norm node, the rectifier that is its only reader, or kNone. Such a norm has no value of its own. */
  std::vector<int64_t> rectifier_;
  /** Per convolution, whether an instance norm is all that reads it: it takes away any constant, so the bias has none. */
  std::vector<bool> bias_has_no_effect_;
  at::Tensor parameters_;
};

}  // namespace pentafold
