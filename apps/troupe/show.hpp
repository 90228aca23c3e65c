#pragma once

#include "apps/troupe/program.hpp"
#include "messages/fleet.hpp"

#include <chrono>
#include <string>
#include <vector>

/// The forms in which commands show what they got.
namespace troupe::apps {

time_point runtime_now();
/// Boxes as the server's list gives them.
std::string box_table(const std::vector<value>& boxes, time_point now);
std::string box_text(const fleet_box& box, time_point now);
std::string device_table(const std::vector<device_snapshot>& devices);
/// An event (CloudEvents) as one line.
std::string event_line(const value& event, const std::string& box);
std::string command_text(const command_record& record);

/// Shows the command that the server's answer carries, waiting for its end for `longest` (zero: not
/// at all); the exit code tells the outcome.
int tell_command(command_context& context, caller& server, const std::string& body,
                 std::chrono::seconds longest);

} // namespace troupe::apps
