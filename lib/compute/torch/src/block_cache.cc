#include "block_cache.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>

#include <cstring>
#include <map>
#include <mutex>
#include <unordered_map>

namespace pentafold {
namespace {

/** Smaller blocks go to malloc, which keeps them itself. */
constexpr size_t kLeastKept = 1 << 16;
/** A kept block serves a request down to this share of its size. */
constexpr double kLeastUse = 0.8;

class BlockCache final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    void* data = take(bytes);
    if (data == nullptr) data = fresh(bytes);
    return {data, data, &give_back, c10::Device(c10::DeviceType::CPU)};
  }

  c10::DeleterFnPtr raw_deleter() const override { return &give_back; }

  void copy_data(void* to, const void* from, size_t bytes) const override { std::memcpy(to, from, bytes); }

  void empty() {
    const std::lock_guard lock(mutex_);
    for (const auto& [bytes, data] : free_) {
      sizes_.erase(data);
      c10::free_cpu(data);
    }
    free_.clear();
  }

  /** Never destroyed: arrays may outlive every destructor that runs at exit. */
  static BlockCache& instance() {
    static BlockCache* cache = new BlockCache;
    return *cache;
  }

 private:
  /** A kept block that is not much too large, or null. */
  void* take(size_t bytes) {
    if (bytes < kLeastKept) return nullptr;
    const std::lock_guard lock(mutex_);
    const auto found = free_.lower_bound(bytes);
    if (found == free_.end() || found->first * kLeastUse > bytes) return nullptr;
    void* data = found->second;
    free_.erase(found);
    return data;
  }

  void* fresh(size_t bytes) {
    void* data = c10::alloc_cpu(bytes);
    if (bytes >= kLeastKept) {
      const std::lock_guard lock(mutex_);
      sizes_[data] = bytes;
    }
    return data;
  }

  static void give_back(void* data) {
    if (data == nullptr) return;
    BlockCache& cache = instance();
    {
      const std::lock_guard lock(cache.mutex_);
      const auto size = cache.sizes_.find(data);
      if (size != cache.sizes_.end()) {
        cache.free_.emplace(size->second, data);
        return;
      }
    }
    c10::free_cpu(data);
  }

  std::mutex mutex_;
  std::multimap<size_t, void*> free_;
  std::unordered_map<void*, size_t> sizes_;
};

}  // namespace

// Priority 1: libtorch's own allocator is registered with 0.
void install_block_cache() { c10::SetCPUAllocator(&BlockCache::instance(), 1); }

void empty_block_cache() { BlockCache::instance().empty(); }

}  // namespace pentafold
