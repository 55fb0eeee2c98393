// Philox4x32-10 and the normal numbers made of it, as `lib/core/random/philox.ts` defines them.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace pentafold {

using PhiloxKey = std::array<uint32_t, 2>;
using PhiloxBlock = std::array<uint32_t, 4>;

/** The random words of a counter under a key (Salmon, Moraes, Dror, Shaw 2011). */
inline PhiloxBlock philox4x32(PhiloxBlock counter, PhiloxKey key) {
  for (int round = 0; round < 10; round++) {
    const uint64_t product0 = uint64_t{0xd2511f53} * counter[0];
    const uint64_t product1 = uint64_t{0xcd9e8d57} * counter[2];
    counter = {static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(product1),
               static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(product0)};
    key[0] += 0x9e3779b9;
    key[1] += 0xbb67ae85;
  }
  return counter;
}

/** Standard normal numbers 4 * block to 4 * block + 3 of a stream. */
inline std::array<float, 4> philox_normals(PhiloxKey key, uint64_t block) {
  const PhiloxBlock words = philox4x32({static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32), 0, 0}, key);
  const auto unit_interval = [](uint32_t word) { return (word + 0.5) / 4294967296.0; };
  std::array<float, 4> normals;
  for (int pair = 0; pair < 4; pair += 2) {
    const double radius = std::sqrt(-2 * std::log(unit_interval(words[pair])));
    const double angle = 2 * std::numbers::pi * unit_interval(words[pair + 1]);
    normals[pair] = static_cast<float>(radius * std::cos(angle));
    normals[pair + 1] = static_cast<float>(radius * std::sin(angle));
  }
  return normals;
}

}  // namespace pentafold
