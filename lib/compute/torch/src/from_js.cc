#include "from_js.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace pentafold {
namespace {

Napi::Value field(const Napi::Value& object, const char* name) {
  const Napi::Value value = object.As<Napi::Object>().Get(name);
  if (value.IsUndefined()) throw Napi::TypeError::New(object.Env(), std::string("binding: field ") + name + " is missing");
  return value;
}

double number(const Napi::Value& value) { return value.As<Napi::Number>().DoubleValue(); }
int64_t integer(const Napi::Value& value) { return value.As<Napi::Number>().Int64Value(); }
bool boolean(const Napi::Value& value) { return value.As<Napi::Boolean>().Value(); }
std::string text(const Napi::Value& value) { return value.As<Napi::String>().Utf8Value(); }

/** An array, each element read by `read`. */
template <class Read>
auto list(const Napi::Value& value, const Read& read) {
  const Napi::Array array = value.As<Napi::Array>();
  std::vector<decltype(read(Napi::Value()))> elements;
  for (uint32_t i = 0; i < array.Length(); i++) elements.push_back(read(array.Get(i)));
  return elements;
}

/** `null` is absent. */
template <class Read>
auto optional(const Napi::Value& value, const Read& read) -> std::optional<decltype(read(value))> {
  if (value.IsNull()) return std::nullopt;
  return read(value);
}

std::vector<double> numbers(const Napi::Value& value) { return list(value, number); }

Box box(const Napi::Value& value) {
  Box extents;
  const std::vector<int64_t> three = list(value, integer);
  std::copy_n(three.begin(), 3, extents.begin());
  return extents;
}

Operation operation(const std::string& name) {
  static const std::unordered_map<std::string, Operation> operations{
      {"input", Operation::kInput},
      {"convolution", Operation::kConvolution},
      {"transposed-convolution", Operation::kTransposedConvolution},
      {"instance-norm", Operation::kInstanceNorm},
      {"leaky-relu", Operation::kLeakyRelu},
      {"average-pool", Operation::kAveragePool},
      {"add", Operation::kAdd},
      {"concatenate", Operation::kConcatenate},
  };
  return operations.at(name);
}

using ParameterPositions = std::unordered_map<std::string, int64_t>;

Node node_from_js(const Napi::Value& value, const ParameterPositions& positions) {
  const Napi::Object object = value.As<Napi::Object>();
  Node node;
  node.operation = operation(text(field(object, "op")));
  const auto parameter = [&](const char* name) {
    const Napi::Value named = object.Get(name);
    return named.IsString() ? positions.at(text(named)) : kNone;
  };
  node.channels = integer(field(object, "channels"));
  if (node.operation != Operation::kInput) {
    const Napi::Value from = field(object, "from");
    node.from = from.IsArray() ? integers_from_js(from) : std::vector<int64_t>{integer(from)};
  }
  if (object.Has("kernel")) node.kernel = integers_from_js(field(object, "kernel"));
  if (object.Has("stride")) node.stride = integers_from_js(field(object, "stride"));
  if (object.Has("epsilon")) node.epsilon = number(field(object, "epsilon"));
  if (object.Has("slope")) node.slope = number(field(object, "slope"));
  node.weight = parameter("weight");
  node.bias = parameter("bias");
  return node;
}

OptimizerOptions optimizer_from_js(const Napi::Value& value) {
  if (text(field(value, "kind")) == "sgd")
    return {.kind = OptimizerOptions::Kind::kSgd,
            .momentum = number(field(value, "momentum")),
            .weight_decay = number(field(value, "weightDecay"))};
  return {.kind = OptimizerOptions::Kind::kAdamW,
          .beta1 = number(field(value, "beta1")),
          .beta2 = number(field(value, "beta2")),
          .epsilon = number(field(value, "epsilon")),
          .weight_decay = number(field(value, "weightDecay"))};
}

LossScaling loss_scaling_from_js(const Napi::Value& value) {
  return {number(field(value, "initialScale")), number(field(value, "growthFactor")),
          number(field(value, "backoffFactor")), integer(field(value, "growthInterval"))};
}

TargetLabels target_labels_from_js(const Napi::Value& value) {
  const auto regions = [](const Napi::Value& lists) { return list(lists, integers_from_js); };
  return {optional(field(value, "regions"), regions), optional(field(value, "ignore"), integer)};
}

std::array<uint32_t, 2> key_from_js(const Napi::Value& value) {
  const std::vector<double> words = numbers(value);
  return {static_cast<uint32_t>(words[0]), static_cast<uint32_t>(words[1])};
}

ElasticPlan elastic_from_js(const Napi::Value& value) {
  return {number(field(value, "amplitude")), number(field(value, "sigma")), key_from_js(field(value, "key"))};
}

SpatialPlan spatial_from_js(const Napi::Value& value) {
  return {numbers(field(value, "matrix")), boolean(field(value, "dummy2d")),
          optional(field(value, "elastic"), elastic_from_js)};
}

NoisePlan noise_from_js(const Napi::Value& value) {
  return {number(field(value, "sigma")), key_from_js(field(value, "key"))};
}

BinaryOperatorPlan binary_operator_from_js(const Napi::Value& value) {
  static const std::unordered_map<std::string, BinaryOperator> operators{
      {"dilation", BinaryOperator::kDilation},
      {"erosion", BinaryOperator::kErosion},
      {"closing", BinaryOperator::kClosing},
      {"opening", BinaryOperator::kOpening},
  };
  return {integer(field(value, "channel")), operators.at(text(field(value, "operator"))),
          number(field(value, "radius"))};
}

ComponentRemovalPlan component_removal_from_js(const Napi::Value& value) {
  return {integer(field(value, "channel")), number(field(value, "pick")), number(field(value, "largestShare"))};
}

PreviousStagePlan previous_stage_from_js(const Napi::Value& value) {
  return {list(field(value, "operators"), binary_operator_from_js),
          list(field(value, "removals"), component_removal_from_js)};
}

LowResolutionPlan low_resolution_from_js(const Napi::Value& value) {
  return {list(field(value, "zoom"), [](const Napi::Value& zoom) { return optional(zoom, number); }),
          boolean(field(value, "ignoreFirstAxis"))};
}

AugmentationPlan augmentation_from_js(const Napi::Value& value) {
  const auto sigmas = [](const Napi::Value& channels) {
    return list(channels, [](const Napi::Value& channel) { return optional(channel, numbers); });
  };
  return {
      .spatial = optional(field(value, "spatial"), spatial_from_js),
      .noise = optional(field(value, "noise"), noise_from_js),
      .blur = optional(field(value, "blur"), sigmas),
      .brightness = optional(field(value, "brightness"), numbers),
      .contrast = optional(field(value, "contrast"), numbers),
      .low_resolution = optional(field(value, "lowResolution"), low_resolution_from_js),
      .gamma_inverted = optional(field(value, "gammaInverted"), numbers),
      .gamma = optional(field(value, "gamma"), numbers),
      .mirror_axes = integers_from_js(field(value, "mirrorAxes")),
      .masked_channels = integers_from_js(field(value, "maskedChannels")),
      .previous_stage = optional(field(value, "previousStage"), previous_stage_from_js),
  };
}

SamplePlan sample_from_js(const Napi::Value& value) {
  return {integer(field(value, "caseIndex")), box(field(value, "corner")),
          optional(field(value, "augmentation"), augmentation_from_js)};
}

}  // namespace

std::vector<int64_t> integers_from_js(const Napi::Value& value) { return list(value, integer); }

Graph graph_from_js(const Napi::Value& value) {
  Graph graph{integer(field(value, "dimensions")), integer(field(value, "heads")), {}, {}, {}};
  ParameterPositions positions;
  for (const Napi::Value& parameter : list(field(value, "parameters"), [](const Napi::Value& p) { return p; })) {
    positions.emplace(text(field(parameter, "name")), graph.parameters.size());
    graph.parameters.push_back(integers_from_js(field(parameter, "shape")));
  }
  graph.nodes = list(field(value, "nodes"), [&](const Napi::Value& node) { return node_from_js(node, positions); });
  graph.outputs = integers_from_js(field(value, "outputs"));
  return graph;
}

LossScale loss_scale_from_js(const Napi::Value& value) {
  return {static_cast<float>(number(field(value, "scale"))), integer(field(value, "growthTracker"))};
}

at::ScalarType scalar_type_from_js(const Napi::Value& value) {
  static const std::unordered_map<std::string, at::ScalarType> types{
      {"float32", at::kFloat},
      {"bfloat16", at::kBFloat16},
      {"float16", at::kHalf},
  };
  return types.at(text(value));
}

TrainingSetup training_setup_from_js(const Napi::Value& value) {
  const Napi::Value loss = field(value, "loss");
  return {{target_labels_from_js(field(loss, "labels")), boolean(field(loss, "batchDice")), numbers(field(loss, "deepSupervisionWeights"))},
          optimizer_from_js(field(value, "optimizer")),
          number(field(value, "gradientClip")),
          optional(field(value, "lossScaling"), loss_scaling_from_js),
          integers_from_js(field(value, "previousStageLabels"))};
}

std::vector<CaseFiles> case_files_from_js(const Napi::Value& value) {
  return list(value, [](const Napi::Value& one) {
    return CaseFiles{text(field(one, "caseId")), box(field(one, "shape")), integer(field(one, "channels")),
                     text(field(one, "imagePath")), text(field(one, "labelPath")),
                     optional(field(one, "previousStagePath"), text)};
  });
}

BatchPlan batch_plan_from_js(const Napi::Value& value) {
  return {integers_from_js(field(value, "patchSize")), integers_from_js(field(value, "initialPatchSize")),
          list(field(value, "samples"), sample_from_js)};
}

TilePlan tile_plan_from_js(const Napi::Value& value) {
  Napi::Float32Array weight = field(value, "weight").As<Napi::Float32Array>();
  return {integers_from_js(field(value, "tileSize")), list(field(value, "starts"), integers_from_js),
          std::vector<float>(weight.Data(), weight.Data() + weight.ElementLength()),
          integers_from_js(field(value, "mirrorAxes"))};
}

std::vector<Target> targets_from_js(const Napi::Value& value) {
  return list(value, [](const Napi::Value& target) {
    Napi::Int16Array labels = field(target, "data").As<Napi::Int16Array>();
    return Target{integers_from_js(field(target, "shape")),
                  std::vector<int16_t>(labels.Data(), labels.Data() + labels.ElementLength())};
  });
}

}  // namespace pentafold
