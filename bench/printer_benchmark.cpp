// links: troupe_printer troupe_messages benchmark::benchmark
#include "devices/printer/dither.hpp"
#include "devices/printer/escpos_pictures.hpp"
#include "devices/printer/language.hpp"
#include "devices/printer/picture.hpp"

#include <benchmark/benchmark.h>
#include <fstream>
#include <iterator>
#include <string>

namespace {

using namespace troupe;
using namespace troupe::printer;

/// The receipt that a real till sent.
const shared_bytes& receipt() {
  static const shared_bytes bytes = [] {
    std::ifstream file(std::string(TROUPE_SOURCE_DIR) + "/tests/data/odoo-pos/receipt.jpg",
                       std::ios::binary);
    return shared_bytes(byte_vector{std::istreambuf_iterator<char>(file), {}});
  }();
  return bytes;
}

void decode(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(decode_picture(receipt().view()));
}
BENCHMARK(decode)->Name("printer/decode")->Unit(benchmark::kMicrosecond);

void to_dots(benchmark::State& state) {
  const auto picture = decode_picture(receipt().view());
  if (!picture) return state.SkipWithError(picture.error().text.c_str());
  for (auto _ : state)
    benchmark::DoNotOptimize(dither(*picture));
}
BENCHMARK(to_dots)->Name("printer/dither")->Unit(benchmark::kMicrosecond);

void to_commands(benchmark::State& state) {
  const auto picture = decode_picture(receipt().view());
  if (!picture) return state.SkipWithError(picture.error().text.c_str());
  const auto dots = dither(*picture);
  for (auto _ : state) {
    byte_vector out;
    escpos::append_raster(dots, 255, out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(to_commands)->Name("printer/encode")->Unit(benchmark::kMicrosecond);

void whole(benchmark::State& state, language language) {
  const printing::document document{{printing::picture{receipt()}, printing::cut{}}};
  for (auto _ : state) {
    auto bytes = encode(language, document);
    if (!bytes) return state.SkipWithError(bytes.error().text.c_str());
    benchmark::DoNotOptimize(bytes->data());
  }
}
BENCHMARK_CAPTURE(whole, escpos, language::escpos)
    ->Name("printer/receipt_to_escpos")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(whole, escpos_column, language::escpos_column)
    ->Name("printer/receipt_to_escpos_column")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(whole, star, language::star)
    ->Name("printer/receipt_to_star")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(whole, zpl, language::zpl)
    ->Name("printer/receipt_to_zpl")
    ->Unit(benchmark::kMicrosecond);

} // namespace

BENCHMARK_MAIN();
