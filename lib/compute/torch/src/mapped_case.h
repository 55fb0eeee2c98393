// A preprocessed case on disk, mapped: only the pages of the patches that are read come into memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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

/** A training case as the port names it, before its files are opened. */
struct CaseFiles {
  std::string case_id;
  Box shape;
  int64_t channels;
  std::string image_path;
  std::string label_path;
  std::optional<std::string> previous_stage_path;
};

class MappedCase {
 public:
  explicit MappedCase(const CaseFiles& files);

  const Box& shape() const { return shape_; }
  int64_t channels() const { return channels_; }
  /** (...shape) of one channel. */
  const float* channel(int64_t c) const { return static_cast<const float*>(image_.data()) + c * voxels_of(shape_); }
  const int16_t* label() const { return static_cast<const int16_t*>(label_.data()); }
  bool has_previous_stage() const { return previous_stage_.has_value(); }
  const int16_t* previous_stage() const { return static_cast<const int16_t*>(previous_stage_->data()); }

 private:
  Box shape_;
  int64_t channels_;
  MappedFile image_;
  MappedFile label_;
  std::optional<MappedFile> previous_stage_;
};

}  // namespace pentafold
