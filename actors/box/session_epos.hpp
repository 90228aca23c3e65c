#pragma once

#include "actors/box/directory.hpp"
#include "actors/box/event_hub.hpp"
#include "actors/box/homepage_call.hpp"
#include "messages/action.hpp"
#include "transport/dialects/epos.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <chrono>
#include <string>

/// One ePOS-Print job that its client waits for.
namespace troupe::box {

struct epos_job {
  call_ptr request;
  action_request action;
  device_status status; ///< of the printer, as known now
  std::string device;   ///< `devid`, as the client named it
  std::string job;      ///< `printjobid`
  std::chrono::milliseconds timeout{0};
  event_hub_actor events;
  directory_actor directory;
};
/// Has it printed and answers with the outcome. A client that is told "not printed" (the printer
/// is in trouble, the time is over) gets no paper later: the action is taken back as long as no
/// byte of it is out.
caf::actor spawn_session_epos(caf::actor_system& system, epos_job job);

transport::http_response epos_response(const dialects::epos_answer& answer);

} // namespace troupe::box
