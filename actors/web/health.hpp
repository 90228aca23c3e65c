#pragma once

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/limits.hpp"
#include "actors/runtime/supervisor.hpp"
#include "transport/http.hpp"
#include "transport/json.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// How a program fares, for its health page.
namespace troupe::web {

/// {"parts": […]}: the children of all supervisors.
transport::json_value health_json(const std::vector<runtime::children_status>& found);
/// What stands for a supervisor that does not answer: it is itself what is ill.
runtime::children_status silent_supervisor(std::size_t index, const fault& problem);
/// The answer of /readyz: 200 {"status":"ok"}, or 503 with the reasons why it is not.
transport::http_response readiness(std::string_view status, std::vector<std::string> reasons = {});
/// Unless something is `missing` from the start, asks who keeps what is written (`check` is
/// answered by true or a fault), and gives the answer of /readyz to `done`, once.
template <class Self, class Keeper, class Check>
void gather_readiness(Self* self, std::vector<std::string> missing, const Keeper& keeper,
                      std::chrono::seconds patience, Check check,
                      std::function<void(transport::http_response)> done) {
  if (!missing.empty()) return done(readiness("starting", std::move(missing)));
  runtime::request_then(
      self, keeper, patience, std::move(check), [done](bool) { done(readiness("ok")); },
      [done](const fault& problem) {
        done(readiness("not_ready", {problem.text + " " + problem.remedy}));
      });
}
/// {"limits": […]}: bound, fill and what happens at the bound, in words.
transport::json_value limits_json(const runtime::limits& limits);

/// Asks all supervisors and gives `done` the whole, once.
template <class Self>
void gather_health(Self* self, const std::vector<runtime::supervisor_actor>& supervisors,
                   std::chrono::seconds patience, std::function<void(transport::json_value)> done) {
  struct gathered {
    std::vector<runtime::children_status> found;
    std::size_t missing = 0;
    std::function<void(transport::json_value)> done;
    void came(std::size_t index, runtime::children_status children) {
      found[index] = std::move(children);
      if (--missing == 0) done(health_json(found));
    }
  };
  if (supervisors.empty()) return done(health_json({}));
  auto report = std::make_shared<gathered>();
  report->found.resize(supervisors.size());
  report->missing = supervisors.size();
  report->done = std::move(done);
  for (std::size_t i = 0; i < supervisors.size(); ++i)
    runtime::request_then(
        self, supervisors[i], patience, runtime::get_children{},
        [report, i](const runtime::children_status& children) { report->came(i, children); },
        [report, i](const fault& problem) { report->came(i, silent_supervisor(i, problem)); });
}

} // namespace troupe::web
