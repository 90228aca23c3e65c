#include "actors/web/process.hpp"

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <sys/resource.h>
#include <unistd.h>

namespace troupe::web {
namespace {

void add_metric(std::string& out, std::string_view name, std::string_view type,
                std::string_view help, double number) {
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  out.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name);
  out.append(" ").append(type).append("\n").append(name).append(" ").append(text, end).append("\n");
}

/// Seconds since 1970 at which the machine started.
double machine_start() {
  std::ifstream in("/proc/stat");
  for (std::string word; in >> word;)
    if (double seconds = 0; word == "btime" && in >> seconds) return seconds;
  return 0;
}

/// Field 22 of /proc/self/stat: ticks between the machine's start and the program's.
double start_ticks() {
  std::ifstream in("/proc/self/stat");
  std::string line;
  std::getline(in, line);
  const auto behind_name = line.rfind(')');
  if (behind_name == std::string::npos) return 0;
  std::size_t at = behind_name + 1;
  for (int field = 2; field < 21 && at != std::string::npos; ++field)
    at = line.find(' ', at + 1);
  return at == std::string::npos ? 0 : std::strtod(line.c_str() + at, nullptr);
}

std::uint64_t count_open_files() {
  std::error_code problem;
  std::uint64_t count = 0;
  for (std::filesystem::directory_iterator at("/proc/self/fd", problem), end; !problem && at != end;
       at.increment(problem))
    ++count;
  return count > 0 ? count - 1 : 0; // the reading itself has one open
}

} // namespace

process_facts read_process_facts() {
  process_facts facts;
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  if (std::ifstream in("/proc/self/statm"); in >> total >> resident) {
    facts.virtual_bytes = total * page;
    facts.resident_bytes = resident * page;
  }
  facts.open_files = count_open_files();
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY)
    facts.most_files = files.rlim_cur;
  static const double started =
      machine_start() + start_ticks() / static_cast<double>(::sysconf(_SC_CLK_TCK));
  facts.started = started;
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) == 0)
    facts.processor_seconds =
        static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
        static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  return facts;
}

std::string process_exposition(const process_facts& facts) {
  std::string out;
  add_metric(out, "process_resident_memory_bytes", "gauge", "Memory in use.",
             static_cast<double>(facts.resident_bytes));
  add_metric(out, "process_virtual_memory_bytes", "gauge", "Address space in use.",
             static_cast<double>(facts.virtual_bytes));
  add_metric(out, "process_open_fds", "gauge", "Open files and sockets.",
             static_cast<double>(facts.open_files));
  add_metric(out, "process_max_fds", "gauge", "Files and sockets that may be open.",
             static_cast<double>(facts.most_files));
  add_metric(out, "process_start_time_seconds", "gauge", "Start, in seconds since 1970.",
             facts.started);
  add_metric(out, "process_cpu_seconds_total", "counter", "Processor time used.",
             facts.processor_seconds);
  return out;
}

std::string server_exposition(const transport::http_counters& counters) {
  std::string out;
  const auto counter = [&](std::string_view name, std::string_view help, std::uint64_t number) {
    add_metric(out, name, "counter", help, static_cast<double>(number));
  };
  counter("troupe_http_connections_total", "Connections accepted.", counters.connections_accepted);
  counter("troupe_http_connections_refused_total", "Connections over a limit.",
          counters.connections_refused);
  add_metric(out, "troupe_http_connections_open", "gauge", "Connections open now.",
             static_cast<double>(counters.connections_open));
  add_metric(out, "troupe_http_websockets_open", "gauge", "WebSockets open now.",
             static_cast<double>(counters.websockets_open));
  counter("troupe_http_received_requests_total", "Requests received, probes and files included.",
          counters.requests);
  counter("troupe_http_bad_requests_total", "Requests that could not be read or broke a limit.",
          counters.bad_requests);
  counter("troupe_http_timeouts_total", "Connections cut because nothing came in time.",
          counters.timeouts);
  counter("troupe_http_forgotten_requests_total", "Requests that no part of the program answered.",
          counters.dropped_exchanges);
  counter("troupe_http_received_bytes_total", "Bytes received.", counters.bytes_in);
  counter("troupe_http_sent_bytes_total", "Bytes sent.", counters.bytes_out);
  return out;
}

} // namespace troupe::web
