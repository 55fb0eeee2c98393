// What JavaScript may call, in the order of `binding.ts`. Handles are externals; what they hold is freed by `…Close`, or
// by the collector if nobody does. Every call but `leave` and `engineOpen` promises, and computes on its engine's thread.
#pragma once

#include <napi.h>

namespace pentafold {

Napi::Value leave(const Napi::CallbackInfo& info);

Napi::Value engine_open(const Napi::CallbackInfo& info);
Napi::Value engine_close(const Napi::CallbackInfo& info);

Napi::Value network_compile(const Napi::CallbackInfo& info);
Napi::Value network_close(const Napi::CallbackInfo& info);
Napi::Value network_set_parameters(const Napi::CallbackInfo& info);
Napi::Value network_parameters(const Napi::CallbackInfo& info);
Napi::Value network_forward(const Napi::CallbackInfo& info);
Napi::Value network_predict(const Napi::CallbackInfo& info);

Napi::Value training_open(const Napi::CallbackInfo& info);
Napi::Value training_close(const Napi::CallbackInfo& info);
Napi::Value training_step(const Napi::CallbackInfo& info);
Napi::Value training_validate(const Napi::CallbackInfo& info);
Napi::Value training_gather(const Napi::CallbackInfo& info);
Napi::Value training_step_on(const Napi::CallbackInfo& info);
Napi::Value training_gradients(const Napi::CallbackInfo& info);
Napi::Value training_optimizer_state(const Napi::CallbackInfo& info);
Napi::Value training_set_optimizer_state(const Napi::CallbackInfo& info);

}  // namespace pentafold
