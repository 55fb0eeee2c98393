// Reads the objects that `binding.ts` declares. They were checked there; what is wrong here is a bug and throws.
#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "batch_plan.h"
#include "graph.h"
#include "loss.h"
#include "predict.h"
#include "training.h"

namespace pentafold {

std::vector<int64_t> integers_from_js(const Napi::Value& value);
Graph graph_from_js(const Napi::Value& value);
LossScale loss_scale_from_js(const Napi::Value& value);
at::ScalarType scalar_type_from_js(const Napi::Value& value);
TrainingSetup training_setup_from_js(const Napi::Value& value);
std::vector<CaseFiles> case_files_from_js(const Napi::Value& value);
BatchPlan batch_plan_from_js(const Napi::Value& value);
TilePlan tile_plan_from_js(const Napi::Value& value);
std::vector<Target> targets_from_js(const Napi::Value& value);

}  // namespace pentafold
