// Arrays of activations by the type of their elements: float, or bfloat16 or float16 in a training of that precision.
#pragma once

#include <ATen/ATen.h>

#include "kernels.h"

namespace pentafold {

/** Calls `work` with a value of the array's element type and returns what it returns. */
template <class Work>
auto with_element_of(const at::Tensor& array, const Work& work) {
  switch (array.scalar_type()) {
    case at::kBFloat16:
      return work(BFloat16{});
    case at::kHalf:
      return work(Float16{});
    default:
      return work(float{});
  }
}

template <class Element>
const Element* elements(const at::Tensor& array) {
  return static_cast<const Element*>(array.const_data_ptr());
}

template <class Element>
Element* mutable_elements(const at::Tensor& array) {
  return static_cast<Element*>(array.mutable_data_ptr());
}

inline float to_float(float x) { return x; }
inline float to_float(BFloat16 x) { return c10::detail::f32_from_bits(x.bits); }
inline float to_float(Float16 x) { return c10::detail::fp16_ieee_to_fp32_value(x.bits); }

template <class Element>
Element from_float(float x);
template <>
inline float from_float<float>(float x) {
  return x;
}
template <>
inline BFloat16 from_float<BFloat16>(float x) {
  return {c10::detail::round_to_nearest_even(x)};
}
template <>
inline Float16 from_float<Float16>(float x) {
  return {c10::detail::fp16_ieee_from_fp32_value(x)};
}

template <class Element>
const ActivationKernels<Element>& kernels_on();
template <>
inline const ActivationKernels<float>& kernels_on() {
  return kernels().on_float;
}
template <>
inline const ActivationKernels<BFloat16>& kernels_on() {
  return kernels().on_bfloat16;
}
template <>
inline const ActivationKernels<Float16>& kernels_on() {
  return kernels().on_float16;
}

}  // namespace pentafold
