#include "mapped_case.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace pentafold {
namespace {

/** Maps an open file; the mapping outlives the descriptor. */
void* map(int descriptor, size_t bytes) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) throw std::runtime_error(std::strerror(errno));
  if (static_cast<size_t>(status.st_size) != bytes)
    throw std::runtime_error("expected " + std::to_string(bytes) + " bytes, got " + std::to_string(status.st_size));
  void* data = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, descriptor, 0);
  if (data == MAP_FAILED) throw std::runtime_error(std::strerror(errno));
  return data;
}

MappedFile named(const std::string& what, const std::string& path, size_t bytes) {
  try {
    return MappedFile(path, bytes);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(what + ": " + error.what());
  }
}

}  // namespace

MappedFile::MappedFile(const std::string& path, size_t bytes) : data_(nullptr), bytes_(bytes) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw std::runtime_error(std::strerror(errno));
  try {
    data_ = map(descriptor, bytes);
  } catch (...) {
    close(descriptor);
    throw;
  }
  close(descriptor);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), bytes_(other.bytes_) {}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(data_, bytes_);
}

MappedCase::MappedCase(const CaseFiles& files)
    : shape_(files.shape),
      channels_(files.channels),
      image_(named("image of case " + files.case_id, files.image_path, channels_ * voxels_of(shape_) * sizeof(float))),
      label_(named("label of case " + files.case_id, files.label_path, voxels_of(shape_) * sizeof(int16_t))) {
  if (files.previous_stage_path)
    previous_stage_.emplace(named("previous stage of case " + files.case_id, *files.previous_stage_path,
                                  voxels_of(shape_) * sizeof(int16_t)));
}

}  // namespace pentafold
