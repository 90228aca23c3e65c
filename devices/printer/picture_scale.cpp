#include "devices/printer/picture.hpp"

#include <algorithm>
#include <cmath>

namespace troupe::printer {
namespace {

/// Which source dots make one target dot, and how much each counts (sum 1 << weight_bits).
struct contribution {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::size_t weights = 0; ///< place of the first weight
};

constexpr int weight_bits = 14;

struct resampling {
  std::vector<contribution> targets;
  std::vector<std::int32_t> weights;
};

/// How much of the source dot [at, at + 1) counts at `center`: the covered area when scaling down
/// (`reach` = half the area), the nearness when scaling up (`reach` = 1).
double weight_at(double center, double reach, std::uint32_t at, bool down) {
  if (down) return std::min(center + reach, at + 1.0) - std::max(center - reach, double(at));
  return 1.0 - std::abs(at + 0.5 - center);
}

resampling plan(std::uint32_t source, std::uint32_t target) {
  const double step = double(source) / target;
  const bool down = step >= 1;
  const double reach = down ? step / 2 : 1;
  resampling planned;
  planned.targets.reserve(target);
  std::vector<double> exact;
  for (std::uint32_t i = 0; i < target; ++i) {
    const double center = (i + 0.5) * step;
    const auto first = static_cast<std::uint32_t>(std::max(std::floor(center - reach), 0.0));
    const auto end =
        static_cast<std::uint32_t>(std::min(std::ceil(center + reach), double(source)));
    exact.clear();
    double sum = 0;
    for (auto at = first; at < end; ++at) {
      exact.push_back(std::max(weight_at(center, reach, at, down), 0.0));
      sum += exact.back();
    }
    planned.targets.push_back({first, end - first, planned.weights.size()});
    for (double weight : exact)
      planned.weights.push_back(std::int32_t(std::lround(weight / sum * (1 << weight_bits))));
  }
  return planned;
}

std::uint8_t rounded(std::int32_t sum) {
  return static_cast<std::uint8_t>(
      std::clamp((sum + (1 << (weight_bits - 1))) >> weight_bits, 0, 255));
}

grey_image scale_across(const grey_image& picture, std::uint32_t width) {
  const auto planned = plan(picture.width, width);
  grey_image scaled{width, picture.height, byte_vector(std::size_t{width} * picture.height)};
  auto* out = scaled.dots.data();
  for (std::uint32_t y = 0; y < picture.height; ++y)
    for (const auto& target : planned.targets) {
      std::int32_t sum = 0;
      for (std::uint32_t i = 0; i < target.count; ++i)
        sum += picture.row(y)[target.first + i] * planned.weights[target.weights + i];
      *out++ = rounded(sum);
    }
  return scaled;
}

grey_image scale_down_the_page(const grey_image& picture, std::uint32_t height) {
  const auto planned = plan(picture.height, height);
  grey_image scaled{picture.width, height, byte_vector(std::size_t{picture.width} * height)};
  std::vector<std::int32_t> sums(picture.width);
  auto* out = scaled.dots.data();
  for (const auto& target : planned.targets) {
    std::fill(sums.begin(), sums.end(), 0);
    for (std::uint32_t i = 0; i < target.count; ++i) {
      const auto* row = picture.row(target.first + i);
      const auto weight = planned.weights[target.weights + i];
      for (std::uint32_t x = 0; x < picture.width; ++x)
        sums[x] += row[x] * weight;
    }
    out = std::transform(sums.begin(), sums.end(), out, rounded);
  }
  return scaled;
}

} // namespace

grey_image scale(const grey_image& picture, std::uint32_t width, std::uint32_t height) {
  return scale_down_the_page(scale_across(picture, width), height);
}

} // namespace troupe::printer
