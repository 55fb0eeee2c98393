// Arrays across the border: read in place where JavaScript holds them, handed over without a copy on the way back.
#pragma once

#include <ATen/ATen.h>
#include <napi.h>

#include <memory>
#include <vector>

#include "from_js.h"
#include "layout.h"
#include "loss.h"

namespace pentafold {

/** A Float32Array, kept from the collector while this lives. Copies share it. Destroyed on the event loop only. */
class GivenFloats {
 public:
  explicit GivenFloats(const Napi::Value& value) {
    Napi::Float32Array array = value.As<Napi::Float32Array>();
    data_ = array.Data();
    count_ = array.ElementLength();
    reference_ = std::make_shared<Napi::ObjectReference>(Napi::Persistent(value.As<Napi::Object>()));
  }

  /** The values in place, one-dimensional. */
  at::Tensor tensor() const { return at::from_blob(data_, {count_}, at::kFloat); }

 private:
  float* data_;
  int64_t count_;
  std::shared_ptr<Napi::ObjectReference> reference_;
};

/** A `Tensor` of `lib/core/network/tensor.ts`. */
class GivenArray {
 public:
  explicit GivenArray(const Napi::Value& value)
      : shape_(integers_from_js(value.As<Napi::Object>().Get("shape"))), floats_(value.As<Napi::Object>().Get("data")) {}

  at::Tensor tensor() const { return floats_.tensor().view(shape_); }

 private:
  std::vector<int64_t> shape_;
  GivenFloats floats_;
};

/** Always a copy, so that the strides say channels-last also where there is one channel. */
inline at::Tensor to_channels_last_copy(const at::Tensor& x) {
  const at::Tensor copy = empty_channels_last(x.size(0), x.size(1), extent_of(x));
  copy.copy_(x);
  return copy;
}

/** @param values contiguous; nobody else may change them afterwards */
inline Napi::Value floats_to_js(Napi::Env env, const at::Tensor& values) {
  auto* keeper = new at::Tensor(values);
  const Napi::ArrayBuffer buffer =
      Napi::ArrayBuffer::New(env, keeper->mutable_data_ptr<float>(), keeper->nbytes(),
                             [](Napi::Env, void*, at::Tensor* kept) { delete kept; }, keeper);
  return Napi::Float32Array::New(env, values.numel(), buffer, 0);
}

inline Napi::Array shape_to_js(Napi::Env env, at::IntArrayRef shape) {
  const Napi::Array array = Napi::Array::New(env, shape.size());
  for (uint32_t i = 0; i < shape.size(); i++) array.Set(i, static_cast<double>(shape[i]));
  return array;
}

inline Napi::Value array_to_js(Napi::Env env, const at::Tensor& values) {
  const Napi::Object object = Napi::Object::New(env);
  object.Set("shape", shape_to_js(env, values.sizes()));
  object.Set("data", floats_to_js(env, values));
  return object;
}

inline Napi::Value target_to_js(Napi::Env env, const Target& target) {
  Napi::Int16Array labels = Napi::Int16Array::New(env, target.labels.size());
  std::copy(target.labels.begin(), target.labels.end(), labels.Data());
  const Napi::Object object = Napi::Object::New(env);
  object.Set("shape", shape_to_js(env, target.shape));
  object.Set("data", labels);
  return object;
}

}  // namespace pentafold
