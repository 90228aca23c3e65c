#include "actors/server/pairing_desk_core.hpp"

#include <algorithm>
#include <cctype>

namespace troupe::server {

namespace {

constexpr int tries_for_a_code = 100;

fault expired() {
  return {"pairing.expired", "The code has reached its end: it is valid for two hours.",
          "Ask the box for a new code on its homepage, or switch it off and on.", 410};
}

fault wrong() {
  return {"pairing.wrong", "No box waits with this code.",
          "Compare it with the box's homepage; a code ends after two hours, at the box's restart, "
          "and when it was used.",
          404};
}

fault slow(std::chrono::seconds wait) {
  const auto minutes = (wait.count() + 59) / 60;
  const auto text = wait.count() < 60 ? std::to_string(wait.count()) + " seconds"
                    : minutes == 1    ? std::string("a minute")
                                      : std::to_string(minutes) + " minutes";
  return {"pairing.slow", "Too many wrong codes: the next one is taken in " + text + ".",
          "Wait, then type the code as the box shows it.", 429};
}

} // namespace

std::optional<std::string> read_code(std::string_view typed) {
  constexpr std::size_t longest_typed = 64;
  if (typed.size() > longest_typed) return std::nullopt;
  std::string code;
  for (std::size_t at = 0; at < typed.size(); ++at) {
    const char c = typed[at];
    if (c == '-' || c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    // The dashes and the blank that phones and word processors put in.
    const auto rest = typed.substr(at);
    if (rest.starts_with("\xe2\x80\x90") || rest.starts_with("\xe2\x80\x91") ||
        rest.starts_with("\xe2\x80\x92") || rest.starts_with("\xe2\x80\x93") ||
        rest.starts_with("\xe2\x80\x94")) {
      at += 2;
      continue;
    }
    if (rest.starts_with("\xc2\xa0")) {
      at += 1;
      continue;
    }
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (code_letters.find(upper) == std::string_view::npos) return std::nullopt;
    code += upper;
  }
  if (code.size() != code_length) return std::nullopt;
  return code;
}

std::string code_from(const std::vector<std::uint8_t>& random) {
  constexpr std::size_t letters = code_letters.size();
  constexpr std::size_t even = 256 / letters * letters;
  std::string code;
  for (const auto byte : random) {
    if (byte >= even) continue;
    code += code_letters[byte % letters];
    if (code.size() == code_length) return code;
  }
  return {};
}

std::optional<std::string> pairing_desk_core::unused_code() {
  for (int tried = 0; tried < tries_for_a_code; ++tried) {
    auto code = make_();
    if (code.size() == code_length && keys_.find(code) == keys_.end()) return code;
  }
  return std::nullopt;
}

void pairing_desk_core::forget(const std::string& key) {
  const auto found = waits_.find(key);
  if (found == waits_.end()) return;
  keys_.erase(found->second.code);
  const auto range = ends_.equal_range(found->second.end);
  for (auto at = range.first; at != range.second; ++at)
    if (at->second == key) {
      ends_.erase(at);
      break;
    }
  waits_.erase(found);
}

result<pairing_desk_core::given_code> pairing_desk_core::wait(const std::string& key,
                                                              const std::string& instance,
                                                              std::chrono::seconds valid_for,
                                                              std::uint64_t visit, time now) {
  const auto found = waits_.find(key);
  if (found != waits_.end() && found->second.instance == instance && found->second.end > now) {
    const auto before = std::exchange(found->second.visit, visit);
    return given_code{found->second.code,
                      std::chrono::ceil<std::chrono::seconds>(found->second.end - now), before};
  }
  const auto before = found == waits_.end() ? 0 : found->second.visit;
  forget(key);
  const auto life = std::min(valid_for, longest_code_life);
  if (life <= std::chrono::seconds::zero()) return expired();
  if (waits_.size() >= waiting_codes_bound)
    return fault{"link.busy", "More boxes wait for their owners than this server takes.",
                 "The box asks again by itself.", 503};
  auto code = unused_code();
  if (!code)
    return fault{"link.busy", "The server could not make a code.", "The box asks again by itself.",
                 503};
  const auto end = now + life;
  keys_.emplace(*code, key);
  ends_.emplace(end, key);
  waits_.emplace(key, wait_entry{*code, instance, end, visit, false});
  return given_code{std::move(*code), life, before};
}

void pairing_desk_core::leave(const std::string& key, std::uint64_t visit) {
  const auto found = waits_.find(key);
  if (found != waits_.end() && found->second.visit == visit) found->second.visit = 0;
}

result<pairing_desk_core::claim> pairing_desk_core::take(std::string_view typed,
                                                         std::string_view person,
                                                         std::string_view address, time now) {
  const auto wait = std::max(by_address_.wait(address, now), by_person_.wait(person, now));
  if (wait > std::chrono::seconds::zero()) return slow(wait);
  const auto code = read_code(typed);
  if (!code)
    return fault{"pairing.bad_form", "That is no code of a box.",
                 "A code has eight letters and no vowels, such as BCDF-GHJK.", 422};
  by_address_.begin(address, now);
  by_person_.begin(person, now);
  const auto key = keys_.find(*code);
  const auto found = key == keys_.end() ? waits_.end() : waits_.find(key->second);
  if (found == waits_.end() || found->second.end <= now || found->second.taken) return wrong();
  // A right code makes no good for the wrong ones before: who has one box could go on guessing.
  by_address_.take_back(address);
  by_person_.take_back(person);
  if (found->second.visit == 0)
    return fault{"pairing.gone", "The box that showed this code cannot be reached right now.",
                 "Look whether the box is switched on and has its network, then try again.", 409};
  found->second.taken = true;
  return claim{found->first, found->second.visit};
}

void pairing_desk_core::settle(const std::string& key, bool used) {
  if (used) return forget(key);
  const auto found = waits_.find(key);
  if (found != waits_.end()) found->second.taken = false;
}

std::vector<pairing_desk_core::expired_wait> pairing_desk_core::expire(time now) {
  std::vector<expired_wait> out;
  while (!ends_.empty() && ends_.begin()->first <= now) {
    const auto key = ends_.begin()->second;
    out.push_back({key, waits_.at(key).visit});
    forget(key);
  }
  return out;
}

std::optional<pairing_desk_core::time> pairing_desk_core::next_end() const {
  if (ends_.empty()) return std::nullopt;
  return ends_.begin()->first;
}

} // namespace troupe::server
