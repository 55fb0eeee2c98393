// Native things that JavaScript holds.
#pragma once

#include <napi.h>

#include <memory>
#include <utility>

#include "network.h"
#include "training.h"
#include "work_thread.h"

namespace pentafold {

struct EngineHandle {
  std::shared_ptr<WorkThread> thread;
};

struct NetworkHandle {
  std::shared_ptr<WorkThread> thread;
  std::shared_ptr<Network> network;
};

struct TrainingHandle {
  std::shared_ptr<WorkThread> thread;
  std::shared_ptr<Training> training;
};

/** Hands a native thing over; the collector frees what was not closed. */
template <class Handle>
Napi::Value to_external(Napi::Env env, Handle handle) {
  return Napi::External<Handle>::New(env, new Handle(std::move(handle)),
                                     [](Napi::Env, Handle* discarded) { delete discarded; });
}

/** @throws for a handle that was closed; TypeScript says so by name before. */
template <class Handle>
Handle& from_external(const Napi::Value& value) {
  Handle& handle = *value.As<Napi::External<Handle>>().Data();
  if (handle.thread == nullptr) throw Napi::Error::New(value.Env(), "binding: the handle was closed");
  return handle;
}

}  // namespace pentafold
