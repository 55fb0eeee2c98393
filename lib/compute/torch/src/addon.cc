#include "addon.h"

#include <ATen/Version.h>
#include <ATen/cpu/Utils.h>
#include <torch/version.h>

#include "arrays.h"
#include "block_cache.h"
#include "from_js.h"
#include "handle.h"
#include "layout.h"
#include "predict.h"

namespace pentafold {
namespace {

Napi::Value undefined(Napi::Env env) { return env.Undefined(); }

Napi::Value step_result_to_js(Napi::Env env, const StepResult& result) {
  const Napi::Object object = Napi::Object::New(env);
  object.Set("loss", result.loss);
  object.Set("gradientNorm", result.gradient_norm);
  object.Set("skipped", result.skipped);
  object.Set("lossScale", result.loss_scale);
  return object;
}

Napi::Object loss_scale_to_js(Napi::Env env, const LossScale& scale) {
  const Napi::Object object = Napi::Object::New(env);
  object.Set("scale", scale.scale);
  object.Set("growthTracker", static_cast<double>(scale.growth_tracker));
  return object;
}

/** Those of `names` that the processor has. */
Napi::Array extensions_among(Napi::Env env, std::initializer_list<const char*> names) {
  const auto capabilities = at::cpu::get_cpu_capabilities();
  const Napi::Array there = Napi::Array::New(env);
  for (const char* name : names) {
    const auto found = capabilities.find(name);
    if (found != capabilities.end() && found->second.toBool()) there.Set(there.Length(), name);
  }
  return there;
}

/** Per reduced precision, what of the processor decides which kernel convolves it, beyond the instruction set. */
Napi::Object extensions_to_js(Napi::Env env) {
  const Napi::Object object = Napi::Object::New(env);
  object.Set("bfloat16", extensions_among(env, {"avx512_bf16", "amx_bf16"}));
  object.Set("float16", extensions_among(env, {"avx512_fp16", "amx_fp16"}));
  return object;
}

Napi::Array counts_to_js(Napi::Env env, const std::vector<int64_t>& counts) {
  const Napi::Array array = Napi::Array::New(env, counts.size());
  for (uint32_t i = 0; i < counts.size(); i++) array.Set(i, static_cast<double>(counts[i]));
  return array;
}

/** A batch given as arrays, still as JavaScript laid it out. */
struct GivenBatch {
  GivenArray image;
  std::vector<Target> targets;

  GatheredBatch on_thread() const { return {to_channels_last_copy(image.tensor()), targets}; }
};

GivenBatch batch_from_js(const Napi::Value& value) {
  const Napi::Object batch = value.As<Napi::Object>();
  return {GivenArray(batch.Get("image")), targets_from_js(batch.Get("targets"))};
}

}  // namespace

Napi::Value leave(const Napi::CallbackInfo& info) {
  leave_if_running(info[0].As<Napi::Number>().Int32Value());
  return undefined(info.Env());
}

Napi::Value engine_open(const Napi::CallbackInfo& info) {
  install_block_cache();
  const Napi::Object engine = Napi::Object::New(info.Env());
  engine.Set("handle", to_external(info.Env(), EngineHandle{WorkThread::start(info.Env(), info[0].ToNumber())}));
  engine.Set("version", TORCH_VERSION);
  engine.Set("instructionSet", at::get_cpu_capability());
  engine.Set("extensions", extensions_to_js(info.Env()));
  return engine;
}

Napi::Value engine_close(const Napi::CallbackInfo& info) {
  const auto thread = std::exchange(from_external<EngineHandle>(info[0]).thread, nullptr);
  return thread->run(
      info.Env(),
      [] {
        empty_block_cache();
        return true;
      },
      [](Napi::Env env, bool) { return undefined(env); });
}

Napi::Value network_compile(const Napi::CallbackInfo& info) {
  const auto thread = from_external<EngineHandle>(info[0]).thread;
  return thread->run(
      info.Env(), [graph = graph_from_js(info[1])] { return std::make_shared<Network>(graph); },
      [thread](Napi::Env env, const std::shared_ptr<Network>& network) {
        return to_external(env, NetworkHandle{thread, network});
      });
}

Napi::Value network_close(const Napi::CallbackInfo& info) {
  NetworkHandle handle = std::exchange(from_external<NetworkHandle>(info[0]), {});
  return handle.thread->run(
      info.Env(), [network = std::move(handle.network)] { return true; },
      [](Napi::Env env, bool) { return undefined(env); });
}

Napi::Value network_set_parameters(const Napi::CallbackInfo& info) {
  const NetworkHandle& handle = from_external<NetworkHandle>(info[0]);
  return handle.thread->run(
      info.Env(),
      [network = handle.network, values = GivenFloats(info[1])] {
        network->parameters().copy_(values.tensor());
        return true;
      },
      [](Napi::Env env, bool) { return undefined(env); });
}

Napi::Value network_parameters(const Napi::CallbackInfo& info) {
  const NetworkHandle& handle = from_external<NetworkHandle>(info[0]);
  return handle.thread->run(
      info.Env(), [network = handle.network] { return network->parameters().clone(); }, floats_to_js);
}

Napi::Value network_forward(const Napi::CallbackInfo& info) {
  const NetworkHandle& handle = from_external<NetworkHandle>(info[0]);
  return handle.thread->run(
      info.Env(),
      [network = handle.network, input = GivenArray(info[1])] {
        const OutputMask all(network->graph().outputs.size(), true);
        std::vector<at::Tensor> logits = network->predict(to_channels_last_copy(input.tensor()), all);
        for (at::Tensor& output : logits) output = output.contiguous();
        return logits;
      },
      [](Napi::Env env, const std::vector<at::Tensor>& logits) {
        const Napi::Array outputs = Napi::Array::New(env, logits.size());
        for (uint32_t i = 0; i < logits.size(); i++) outputs.Set(i, array_to_js(env, logits[i]));
        return outputs;
      });
}

Napi::Value network_predict(const Napi::CallbackInfo& info) {
  const NetworkHandle& handle = from_external<NetworkHandle>(info[0]);
  return handle.thread->run(
      info.Env(),
      [network = handle.network, image = GivenArray(info[1]), tiles = tile_plan_from_js(info[2])] {
        return predict(*network, image.tensor(), tiles);
      },
      array_to_js);
}

Napi::Value training_open(const Napi::CallbackInfo& info) {
  const NetworkHandle& handle = from_external<NetworkHandle>(info[0]);
  return handle.thread->run(
      info.Env(),
      [network = handle.network, setup = training_setup_from_js(info[1]), files = case_files_from_js(info[2]),
       type = scalar_type_from_js(info[3])] {
        std::vector<MappedCase> cases;
        for (const CaseFiles& one : files) cases.emplace_back(one);
        return std::make_shared<Training>(network, setup, std::move(cases), type);
      },
      [thread = handle.thread](Napi::Env env, const std::shared_ptr<Training>& training) {
        return to_external(env, TrainingHandle{thread, training});
      });
}

Napi::Value training_close(const Napi::CallbackInfo& info) {
  TrainingHandle handle = std::exchange(from_external<TrainingHandle>(info[0]), {});
  return handle.thread->run(
      info.Env(), [training = std::move(handle.training)] { return true; },
      [](Napi::Env env, bool) { return undefined(env); });
}

Napi::Value training_step(const Napi::CallbackInfo& info) {
  const TrainingHandle& handle = from_external<TrainingHandle>(info[0]);
  return handle.thread->run(
      info.Env(),
      [training = handle.training, plan = batch_plan_from_js(info[1]), rate = info[2].ToNumber().DoubleValue()] {
        return training->step(training->gather(plan), rate);
      },
      step_result_to_js);
}

Napi::Value training_validate(const Napi::CallbackInfo& info) {
  const TrainingHandle& handle = from_external<TrainingHandle>(info[0]);
  return handle.thread->run(
      info.Env(),
      [training = handle.training, plan = batch_plan_from_js(info[1])] {
        return training->validate(training->gather(plan));
      },
      [](Napi::Env env, const ValidationResult& result) {
        const Napi::Object object = Napi::Object::New(env);
        object.Set("loss", result.loss);
        object.Set("truePositives", counts_to_js(env, result.counts.true_positives));
        object.Set("falsePositives", counts_to_js(env, result.counts.false_positives));
        object.Set("falseNegatives", counts_to_js(env, result.counts.false_negatives));
        return object;
      });
}

Napi::Value training_gather(const Napi::CallbackInfo& info) {
  const TrainingHandle& handle = from_external<TrainingHandle>(info[0]);
  return handle.thread->run(
      info.Env(),
      [training = handle.training, plan = batch_plan_from_js(info[1])] {
        GatheredBatch batch = training->gather(plan);
        batch.image = batch.image.contiguous();
        return batch;
      },
      [](Napi::Env env, const GatheredBatch& batch) {
        const Napi::Array targets = Napi::Array::New(env, batch.targets.size());
        for (uint32_t i = 0; i < batch.targets.size(); i++) targets.Set(i, target_to_js(env, batch.targets[i]));
        const Napi::Object object = Napi::Object::New(env);
        object.Set("image", array_to_js(env, batch.image));
        object.Set("targets", targets);
        return object;
      });
}

Napi::Value training_step_on(const Napi::CallbackInfo& info) {
  const TrainingHandle& handle = from_external<TrainingHandle>(info[0]);
  return handle.thread->run(
      info.Env(),
      [training = handle.training, batch = batch_from_js(info[1]), rate = info[2].ToNumber().DoubleValue()] {
        return training->step(batch.on_thread(), rate);
      },
      step_result_to_js);
}

Napi::Value training_gradients(const Napi::CallbackInfo& info) {
  const TrainingHandle& handle = from_external<TrainingHandle>(info[0]);
  return handle.thread->run(
      info.Env(),
      [training = handle.training, batch = batch_from_js(info[1])] { return training->gradients(batch.on_thread()); },
      [](Napi::Env env, const Gradients& gradients) {
        const Napi::Array used = Napi::Array::New(env, gradients.used.size());
        for (uint32_t i = 0; i < gradients.used.size(); i++) used.Set(i, Napi::Boolean::New(env, gradients.used[i]));
        const Napi::Object object = Napi::Object::New(env);
        object.Set("loss", gradients.loss);
        object.Set("values", floats_to_js(env, gradients.values));
        object.Set("used", used);
        return object;
      });
}

Napi::Value training_optimizer_state(const Napi::CallbackInfo& info) {
  const TrainingHandle& handle = from_external<TrainingHandle>(info[0]);
  return handle.thread->run(
      info.Env(),
      [training = handle.training] {
        return std::tuple(training->optimizer().moments().clone(), training->optimizer().steps(),
                          training->loss_scale());
      },
      [](Napi::Env env, const std::tuple<at::Tensor, int64_t, LossScale>& state) {
        const auto& [moments, steps, loss_scale] = state;
        const Napi::Object object = Napi::Object::New(env);
        object.Set("moments", floats_to_js(env, moments));
        object.Set("steps", static_cast<double>(steps));
        object.Set("lossScale", loss_scale_to_js(env, loss_scale));
        return object;
      });
}

Napi::Value training_set_optimizer_state(const Napi::CallbackInfo& info) {
  const TrainingHandle& handle = from_external<TrainingHandle>(info[0]);
  const Napi::Object state = info[1].As<Napi::Object>();
  return handle.thread->run(
      info.Env(),
      [training = handle.training, moments = GivenFloats(state.Get("moments")),
       steps = state.Get("steps").ToNumber().Int64Value(),
       loss_scale = loss_scale_from_js(state.Get("lossScale"))] {
        training->optimizer().moments().copy_(moments.tensor());
        training->optimizer().set_steps(steps);
        training->set_loss_scale(loss_scale);
        return true;
      },
      [](Napi::Env env, bool) { return undefined(env); });
}

namespace {

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  const auto export_as = [&](const char* name, Napi::Value (*call)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, call, name));
  };
  export_as("leave", leave);
  export_as("engineOpen", engine_open);
  export_as("engineClose", engine_close);
  export_as("networkCompile", network_compile);
  export_as("networkClose", network_close);
  export_as("networkSetParameters", network_set_parameters);
  export_as("networkParameters", network_parameters);
  export_as("networkForward", network_forward);
  export_as("networkPredict", network_predict);
  export_as("trainingOpen", training_open);
  export_as("trainingClose", training_close);
  export_as("trainingStep", training_step);
  export_as("trainingValidate", training_validate);
  export_as("trainingGather", training_gather);
  export_as("trainingStepOn", training_step_on);
  export_as("trainingGradients", training_gradients);
  export_as("trainingOptimizerState", training_optimizer_state);
  export_as("trainingSetOptimizerState", training_set_optimizer_state);
  return exports;
}

}  // namespace

NODE_API_MODULE(pentafold_torch, initialize)

}  // namespace pentafold
