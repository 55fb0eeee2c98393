#include "network.h"

#include <functional>
#include <numeric>
#include <utility>

#include "convolution.h"
#include "layout.h"
#include "pooling.h"

namespace pentafold {
namespace {

int64_t product(const Extents& extents) {
  return std::accumulate(extents.begin(), extents.end(), int64_t{1}, std::multiplies<>());
}

/** Adds to a gradient that other readers of the node may have written already. */
void accumulate(at::Tensor& gradient, at::Tensor part) {
  if (gradient.defined())
    gradient.add_(part);
  else
    gradient = std::move(part);
}

}  // namespace

Network::Network(Graph graph)
    : graph_(std::move(graph)),
      readers_(graph_.nodes.size(), 0),
      rectifier_(graph_.nodes.size(), kNone),
      bias_has_no_effect_(graph_.nodes.size(), false) {
  const int64_t count = graph_.nodes.size();
  for (int64_t id = 0; id < count; id++) {
    for (const int64_t from : graph_.nodes[id].from) readers_[from]++;
  }
  for (const int64_t output : graph_.outputs) readers_[output]++;
  for (int64_t id = 0; id < count; id++) {
    const Node& node = graph_.nodes[id];
    if (node.from.empty() || readers_[node.from[0]] != 1) continue;
    const Operation before = graph_.nodes[node.from[0]].operation;
    if (node.operation == Operation::kLeakyRelu && before == Operation::kInstanceNorm) rectifier_[node.from[0]] = id;
    if (node.operation == Operation::kInstanceNorm) bias_has_no_effect_[node.from[0]] = true;
  }
  int64_t total = 0;
  for (const Extents& shape : graph_.parameters) {
    offsets_.push_back(total);
    total += product(shape);
  }
  parameters_ = at::zeros({total}, at::kFloat);
}

at::Tensor Network::slice(const at::Tensor& flat, int64_t parameter) const {
  const Extents& shape = graph_.parameters[parameter];
  return flat.narrow(0, offsets_[parameter], product(shape)).view(shape);
}

at::Tensor Network::parameter(int64_t position) const {
  return position == kNone ? at::Tensor() : slice(parameters_, position);
}

at::Tensor Network::gradient_slice(const at::Tensor& gradients, int64_t position) const {
  return position == kNone ? at::Tensor() : slice(gradients, position);
}

at::Tensor Network::rounded(const Activations& activations, int64_t position) const {
  return position == kNone ? at::Tensor() : slice(activations.rounded, position);
}

std::vector<Extents> Network::output_extents(const Extents& input) const {
  std::vector<Extents> extents(graph_.nodes.size(), input);
  for (size_t id = 1; id < graph_.nodes.size(); id++) {
    const Node& node = graph_.nodes[id];
    extents[id] = extents[node.from[0]];
    for (size_t axis = 0; axis < node.stride.size(); axis++) {
      int64_t& extent = extents[id][axis];
      if (node.operation == Operation::kConvolution || node.operation == Operation::kAveragePool) extent = (extent - 1) / node.stride[axis] + 1;
      if (node.operation == Operation::kTransposedConvolution) extent *= node.stride[axis];
    }
  }
  std::vector<Extents> outputs;
  for (const int64_t output : graph_.outputs) outputs.push_back(extents[output]);
  return outputs;
}

std::vector<bool> Network::needed_nodes(const OutputMask& wanted) const {
  std::vector<bool> needed(graph_.nodes.size(), false);
  for (size_t i = 0; i < wanted.size(); i++) needed[graph_.outputs[i]] = wanted[i];
  for (size_t id = graph_.nodes.size(); id-- > 0;) {
    if (!needed[id]) continue;
    for (const int64_t from : graph_.nodes[id].from) needed[from] = true;
  }
  return needed;
}

std::vector<int64_t> Network::last_readers(const std::vector<bool>& needed) const {
  const int64_t count = graph_.nodes.size();
  std::vector<int64_t> last(count, kNone);
  for (int64_t id = 0; id < count; id++) {
    if (!needed[id]) continue;
    for (const int64_t from : graph_.nodes[id].from) last[from] = id;
  }
  for (const int64_t output : graph_.outputs) last[output] = count;
  return last;
}

std::vector<bool> Network::used_parameters(const OutputMask& wanted) const {
  const std::vector<bool> needed = needed_nodes(wanted);
  std::vector<bool> used(graph_.parameters.size(), false);
  for (size_t id = 0; id < graph_.nodes.size(); id++) {
    if (!needed[id]) continue;
    const Node& node = graph_.nodes[id];
    if (node.weight != kNone) used[node.weight] = true;
    if (node.bias != kNone) used[node.bias] = true;
  }
  return used;
}

std::vector<at::Tensor> Network::predict(const at::Tensor& input, const OutputMask& wanted) const {
  Activations activations;
  return run(input, wanted, activations, false);
}

std::vector<at::Tensor> Network::forward(const at::Tensor& input, const OutputMask& wanted,
                                         Activations& activations) const {
  return run(input, wanted, activations, true);
}

std::vector<at::Tensor> Network::run(const at::Tensor& input, const OutputMask& wanted, Activations& activations,
                                     bool keep) const {
  const std::vector<bool> needed = needed_nodes(wanted);
  const std::vector<int64_t> last_reader = last_readers(needed);
  activations.values.assign(graph_.nodes.size(), {});
  activations.statistics.assign(graph_.nodes.size(), {});
  activations.rounded = parameters_.to(input.scalar_type());
  activations.values[0] = input;
  for (size_t id = 1; id < graph_.nodes.size(); id++) {
    if (!needed[id]) continue;
    compute(id, activations, keep);
    if (keep) continue;
    for (const int64_t from : graph_.nodes[id].from)
      if (last_reader[from] == static_cast<int64_t>(id)) activations.values[from].reset();
  }
  std::vector<at::Tensor> outputs;
  for (size_t i = 0; i < wanted.size(); i++)
    outputs.push_back(wanted[i] ? activations.values[graph_.outputs[i]].to(at::kFloat) : at::Tensor());
  return outputs;
}

void Network::compute(int64_t id, Activations& activations, bool keep) const {
  const Node& node = graph_.nodes[id];
  auto& values = activations.values;
  const auto from = [&](size_t i) -> const at::Tensor& { return values[node.from[i]]; };
  switch (node.operation) {
    case Operation::kInput:
      return;
    case Operation::kConvolution:
      values[id] = convolve(node, from(0), rounded(activations, node.weight), rounded(activations, node.bias));
      return;
    case Operation::kTransposedConvolution:
      values[id] = convolve_transposed(node, from(0), rounded(activations, node.weight), rounded(activations, node.bias));
      return;
    case Operation::kInstanceNorm:
      compute_norm(id, activations, keep);
      return;
    case Operation::kLeakyRelu:
      // Behind a norm of its own it was computed there.
      if (!values[id].defined()) rectify(id, activations);
      return;
    case Operation::kAveragePool:
      values[id] = average_pool(node.stride, from(0));
      return;
    case Operation::kAdd:
      add(id, activations);
      return;
    case Operation::kConcatenate: {
      std::vector<at::Tensor> parts;
      for (size_t i = 0; i < node.from.size(); i++) parts.push_back(from(i));
      values[id] = concatenate(parts);
      return;
    }
  }
}

void Network::compute_norm(int64_t id, Activations& activations, bool keep) const {
  const Node& node = graph_.nodes[id];
  const int64_t source = node.from[0], rectifier = rectifier_[id];
  const at::Tensor& x = activations.values[source];
  NormStatistics& statistics = activations.statistics[id];
  statistics = norm_statistics(x, parameter(node.weight), parameter(node.bias), node.epsilon);
  const bool in_place = !keep && readers_[source] == 1 && source != 0;
  const at::Tensor y = in_place ? x : empty_channels_last(x.size(0), x.size(1), extent_of(x), x.scalar_type());
  norm_and_rectify(x, statistics, rectifier == kNone ? 1 : graph_.nodes[rectifier].slope, y);
  activations.values[rectifier == kNone ? id : rectifier] = y;
}

// The sum is not needed once it is rectified: the sign of the result says on which side of the kink it was.
void Network::rectify(int64_t id, Activations& activations) const {
  const Node& node = graph_.nodes[id];
  at::Tensor& x = activations.values[node.from[0]];
  if (rectified_in_place(id))
    activations.values[id] = at::leaky_relu_(x, node.slope);
  else
    activations.values[id] = at::leaky_relu(x, node.slope);
}

bool Network::rectified_in_place(int64_t id) const {
  const int64_t source = graph_.nodes[id].from[0];
  return graph_.nodes[source].operation == Operation::kAdd && readers_[source] == 1 && graph_.nodes[id].slope > 0;
}

// What a norm puts out is not needed for its gradient, so the sum may take its place.
void Network::add(int64_t id, Activations& activations) const {
  const Node& node = graph_.nodes[id];
  at::Tensor& first = activations.values[node.from[0]];
  const at::Tensor& second = activations.values[node.from[1]];
  const bool in_place = graph_.nodes[node.from[0]].operation == Operation::kInstanceNorm && readers_[node.from[0]] == 1;
  activations.values[id] = in_place ? first.add_(second) : at::add(first, second);
}

void Network::backward(Activations& activations, std::vector<at::Tensor> output_gradients,
                       const at::Tensor& gradients) const {
  gradients.zero_();
  std::vector<at::Tensor> node_gradients(graph_.nodes.size());
  for (size_t i = 0; i < graph_.outputs.size(); i++) {
    if (!output_gradients[i].defined()) continue;
    node_gradients[graph_.outputs[i]] = output_gradients[i].to(activations.rounded.scalar_type());
    output_gradients[i].reset();
  }
  for (size_t id = graph_.nodes.size(); id-- > 1;) {
    if (node_gradients[id].defined()) propagate(id, activations, node_gradients, gradients);
    node_gradients[id].reset();
    activations.values[id].reset();
  }
}

void Network::propagate(int64_t id, Activations& activations, std::vector<at::Tensor>& node_gradients,
                        const at::Tensor& gradients) const {
  const Node& node = graph_.nodes[id];
  const at::Tensor& gradient = node_gradients[id];
  const at::Tensor& x = activations.values[node.from[0]];
  const auto pass = [&](size_t i, at::Tensor part) { accumulate(node_gradients[node.from[i]], std::move(part)); };
  const ConvolutionGradients into{
      gradient_slice(gradients, node.weight),
      bias_has_no_effect_[id] ? at::Tensor() : gradient_slice(gradients, node.bias),
  };
  switch (node.operation) {
    case Operation::kInput:
      return;
    case Operation::kConvolution: {
      const bool input_wanted = node.from[0] != 0;
      at::Tensor part = convolve_backward(node, gradient, x, rounded(activations, node.weight), input_wanted, into);
      if (input_wanted) pass(0, std::move(part));
      return;
    }
    case Operation::kTransposedConvolution:
      pass(0, convolve_transposed_backward(node, gradient, x, rounded(activations, node.weight), into));
      return;
    case Operation::kInstanceNorm: {
      const int64_t rectifier = rectifier_[id];
      norm_and_rectify_backward(x, activations.statistics[id], rectifier == kNone ? 1 : graph_.nodes[rectifier].slope,
                                gradient, into.weight, gradient_slice(gradients, node.bias));
      pass(0, gradient);
      return;
    }
    case Operation::kLeakyRelu:
      if (rectifier_[node.from[0]] == id) {
        pass(0, gradient);
      } else {
        const bool in_place = rectified_in_place(id);
        pass(0, at::leaky_relu_backward(gradient, in_place ? activations.values[id] : x, node.slope, in_place));
      }
      return;
    case Operation::kAveragePool:
      pass(0, average_pool_backward(node.stride, gradient, x));
      return;
    case Operation::kAdd:
      // Each on its own: gradients are changed in place further up.
      pass(1, gradient.clone());
      pass(0, gradient);
      return;
    case Operation::kConcatenate: {
      std::vector<int64_t> channels;
      for (const int64_t from : node.from) channels.push_back(graph_.nodes[from].channels);
      const std::vector<at::Tensor> parts = split(gradient, channels);
      for (size_t i = 0; i < parts.size(); i++) pass(i, parts[i]);
      return;
    }
  }
}

}  // namespace pentafold
