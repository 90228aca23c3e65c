// links: troupe_transport, benchmark::benchmark
// Reading a till's requests: the recorded receipt of 88 KB, the picture in it, and small ones.
#include "messages/base64.hpp"
#include "transport/jsonrpc.hpp"

#include <benchmark/benchmark.h>
#include <fstream>

namespace {

using namespace troupe;
using namespace troupe::transport;

std::string recorded_body(const char* name) {
  std::ifstream file(std::string(TROUPE_SOURCE_DIR) + "/tests/data/odoo-pos/" + name);
  return nlohmann::json::parse(file)["body"].get<std::string>();
}

void read_receipt(benchmark::State& state) {
  const auto body = recorded_body("08-print-receipt.json");
  for (auto _ : state)
    benchmark::DoNotOptimize(parse_jsonrpc(as_bytes(body)));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * body.size()));
}
BENCHMARK(read_receipt);

void read_receipt_nlohmann(benchmark::State& state) {
  const auto body = recorded_body("08-print-receipt.json");
  for (auto _ : state)
    benchmark::DoNotOptimize(nlohmann::ordered_json::parse(body));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * body.size()));
}
BENCHMARK(read_receipt_nlohmann);

void read_status(benchmark::State& state) {
  const auto body = recorded_body("05-status.json");
  for (auto _ : state)
    benchmark::DoNotOptimize(parse_jsonrpc(as_bytes(body)));
}
BENCHMARK(read_status);

void decode_picture(benchmark::State& state) {
  const auto body = recorded_body("08-print-receipt.json");
  const auto request = parse_jsonrpc(as_bytes(body));
  const auto& text = request->params["data"]["receipt"].get_ref<const std::string&>();
  for (auto _ : state)
    benchmark::DoNotOptimize(from_base64(text));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(decode_picture);

void write_answer(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(jsonrpc_answer(8, true));
}
BENCHMARK(write_answer);

} // namespace

BENCHMARK_MAIN();
