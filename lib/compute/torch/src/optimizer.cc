#include "optimizer.h"

#include <cmath>

#include "chunks.h"
#include "kernels.h"

namespace pentafold {
namespace {

constexpr int64_t kPerTask = 32768;

/** Runs of the flat array whose parameters are all used: the others are left alone, by weight decay too. */
std::vector<std::pair<int64_t, int64_t>> used_runs(const Network& network, const std::vector<bool>& used) {
  std::vector<std::pair<int64_t, int64_t>> runs;
  int64_t at = 0;
  for (size_t i = 0; i < used.size(); i++) {
    const int64_t size = network.slice(network.parameters(), i).numel();
    if (used[i] && !runs.empty() && runs.back().second == at)
      runs.back().second += size;
    else if (used[i])
      runs.emplace_back(at, at + size);
    at += size;
  }
  return runs;
}

}  // namespace

double l2_norm(const at::Tensor& flat) {
  const int64_t count = flat.numel(), tasks = (count + kPerTask - 1) / kPerTask;
  const float* values = flat.const_data_ptr<float>();
  std::vector<float> sums(tasks);
  at::parallel_for(0, tasks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++)
      sums[task] = kernels().square_sum(values + task * kPerTask, std::min(kPerTask, count - task * kPerTask));
  });
  double total = 0;
  for (const float sum : sums) total += sum;
  return std::sqrt(total);
}

Optimizer::Optimizer(OptimizerOptions options, int64_t parameter_count)
    : options_(options),
      moments_(at::zeros({parameter_count * (options.kind == OptimizerOptions::Kind::kAdamW ? 2 : 1)}, at::kFloat)) {}

void Optimizer::update(const Network& network, const at::Tensor& gradients, const std::vector<bool>& used, double clip,
                       double learning_rate) {
  steps_++;
  const int64_t total = network.parameters().numel();
  float* weights = network.parameters().mutable_data_ptr<float>();
  float* first = moments_.mutable_data_ptr<float>();
  const float* gradient = gradients.const_data_ptr<float>();
  const AdamFactors factors{
      .keep = static_cast<float>(1 - learning_rate * options_.weight_decay),
      .beta2 = static_cast<float>(options_.beta2),
      .new_share1 = static_cast<float>(1 - options_.beta1),
      .new_share2 = static_cast<float>(1 - options_.beta2),
      .epsilon = static_cast<float>(options_.epsilon),
      .step_size = static_cast<float>(learning_rate / (1 - std::pow(options_.beta1, steps_))),
      .root_correction = static_cast<float>(std::sqrt(1 - std::pow(options_.beta2, steps_))),
  };
  for (const auto& [begin, end] : used_runs(network, used)) {
    const int64_t tasks = (end - begin + kPerTask - 1) / kPerTask;
    at::parallel_for(0, tasks, 1, [&, begin = begin, end = end](int64_t first_task, int64_t last_task) {
      for (int64_t task = first_task; task < last_task; task++) {
        const int64_t at = begin + task * kPerTask, count = std::min(kPerTask, end - at);
        if (options_.kind == OptimizerOptions::Kind::kSgd)
          kernels().sgd(weights + at, first + at, gradient + at, count, clip, learning_rate, options_.weight_decay,
                        options_.momentum);
        else
          kernels().adamw(weights + at, first + at, first + total + at, gradient + at, count, clip, factors);
      }
    });
  }
}

}  // namespace pentafold
