// A preprocessed case on disk, mapped: only the pages of the patches that are read come into memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "patch.h"

namespace pentafold {

/** A file mapped for reading. @throws std::runtime_error when it is absent or not of the size given */
class MappedFile {
 public:
  MappedFile(const std::string& path, size_t bytes);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  const void* data() const { return data_; }

 private:
  void* data_;
  size_t bytes_;
};

class MappedCase {
 public:
  MappedCase(const std::string& case_id, const Box& shape, int64_t channels, const std::string& image_path,
             const std::string& label_path);

  const Box& shape() const { return shape_; }
  int64_t channels() const { return channels_; }
  /** (...shape) of one channel. */
  const float* channel(int64_t c) const { return static_cast<const float*>(image_.data()) + c * voxels_of(shape_); }
  const int16_t* label() const { return static_cast<const int16_t*>(label_.data()); }

 private:
  Box shape_;
  int64_t channels_;
  MappedFile image_;
  MappedFile label_;
};

}  // namespace pentafold
