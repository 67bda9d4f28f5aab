// Writes vectors as codes, and queries as the kernels want them. Immutable; for any thread.
#pragma once

#include <cstddef>
#include <span>

#include "index/aligned_bytes.hpp"
#include "index/codes/code_kernels.hpp"

namespace mosaic::index {

class Quantizer {
 public:
  /// The format for vectors like those of `sample`, one after the other, at least one. The center
  /// is what lies in the middle in each dimension. int8 covers all but the 1/10,000 most extreme
  /// numbers at either end (dot: 1/100,000), which are clipped; floats bring the largest but those
  /// near 1.
  static CodeFormat learn(Metric metric, Quantization quantization, std::uint32_t dimension,
                          std::span<const float> sample);

  /// `format` has passed has_codes().
  explicit Quantizer(const CodeFormat& format);

  const CodeFormat& format() const { return format_; }
  CodeKind kind() const { return kind_; }
  std::size_t code_bytes() const { return blocks_ * kCodeBlock; }
  std::size_t blocks() const { return blocks_; }

  /// Fills code_bytes() at `code`; returns how many numbers of the vector had to be clipped. Under
  /// cosine the vector is brought to length 1 first.
  std::size_t encode(const float* vector, std::byte* code) const;

  /// The query as the `query` kernels read it.
  AlignedBytes encode_query(std::span<const float> query) const;

  /// How much farther than the k-th found, at `distance` from `query`, a code may seem whose vector
  /// is nearer, because numbers were rounded. Rounding errors are taken as independent and even
  /// (Widrow, Kollar: Quantization Noise, 2008).
  float uncertainty(const std::byte* query, float distance) const;

 private:
  /// Calls write(i, x) for each number of `vector` as codes want it, divided by `step`.
  template <class Write>
  void for_each_number(std::span<const float> vector, double step, Write&& write) const;
  /// How little apart cosines may be to be told apart when they are measured again.
  float of_cosines() const;
  /// Of distances about as large as `size`.
  float float_deviation(const std::byte* query, float size) const;

  CodeFormat format_;  ///< with a center of zeros where it has none
  CodeKind kind_;
  std::size_t blocks_;
};

}  // namespace mosaic::index
