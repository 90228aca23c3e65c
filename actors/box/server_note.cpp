#include "actors/box/pairing_state.hpp"
#include "messages/base64.hpp"
#include "messages/codec.hpp"

#include <utility>

namespace troupe::box {

std::string note_json(const server_note& note) {
  return to_json(value(value::object{{"pairing", note.pairing},
                                     {"id", note.id},
                                     {"name", note.name},
                                     {"key", to_base64(note.key.view())},
                                     {"url", note.url},
                                     {"person", note.person},
                                     {"since", to_rfc3339(note.since)}}));
}

server_note_ptr read_note(const std::string& json) {
  const auto kept = from_json<value>(json);
  if (!kept) return nullptr;
  const auto key = from_base64(kept->text_or("key"));
  auto note = std::make_shared<server_note>();
  note->pairing = kept->text_or("pairing");
  note->id = kept->text_or("id");
  note->name = kept->text_or("name");
  note->url = kept->text_or("url");
  note->person = kept->text_or("person");
  note->since = from_rfc3339(kept->text_or("since")).value_or(time_point{});
  if (!key || note->id.empty()) return nullptr;
  note->key = shared_bytes(*key);
  return note;
}

} // namespace troupe::box
