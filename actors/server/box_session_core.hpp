#pragma once

#include "actors/server/link_types.hpp"
#include "messages/codec.hpp"
#include "messages/link.hpp"
#include "messages/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The decisions of one link: which frames may come when, what is passed on, acknowledged, refused.
/// No CAF, no clock, no socket.
namespace troupe::server {

constexpr std::size_t nonce_bytes = 32; ///< of a challenge and of a hello

class box_session_core {
public:
  enum class phase : std::uint8_t {
    greeting, ///< challenge sent, hello awaited
    asking,   ///< the hello is being checked, the box looked up
    waiting,  ///< for the owner to type the code
    linked,
    ended
  };

  struct prove_hello {};   ///< answer with `proved`
  struct note_farewell {}; ///< the box was disconnected: answer with `farewell_noted`
  struct look_up_owner {}; ///< pairing: answer with `looked_up`
  struct redeem_token {};  ///< pairing by a token: answer with `redeemed` or `token_refused`
  struct ask_for_code {};  ///< answer with `coded`
  struct admit {};         ///< answer with `admitted`
  struct ask_position {};  ///< answer with `positioned`
  struct send_welcome {
    std::uint64_t last = 0;
  };
  struct send_code {
    code_to_show content;
  };
  struct send_paired { ///< and close
    std::string person;
  };
  struct send_ack {
    std::uint64_t sequence = 0;
  };
  struct send_probe {};
  struct send_command {
    shared_bytes frame;
  };
  struct send_forget {}; ///< and close
  struct send_refusal {  ///< and close
    std::string code;
    std::string text;
    std::string remedy;
    std::chrono::seconds retry_after{};
  };
  struct send_bye { ///< and close
    std::chrono::seconds come_back_in{};
    std::string text;
  };
  struct close {
    std::uint16_t code = 1000;
    std::string text;
  };
  struct publish { ///< answer with `published`
    std::vector<event> events;
    std::uint64_t after = 0; ///< the number that came before them on this link
  };
  struct pass_live {
    std::vector<event> events;
  };
  struct pass_snapshot {
    link::snapshot content;
  };
  struct pass_result {
    link::command_result content;
  };
  struct pass_trace {
    link::trace_part content;
  };
  struct pass_alive {};
  struct pass_time {
    link::time_told content;
  };
  struct pass_farewell {};
  struct fetch { ///< answer with `fetched`
    std::uint64_t after = 0;
  };
  using effect = std::variant<prove_hello, note_farewell, look_up_owner, redeem_token, ask_for_code,
                              admit, ask_position, send_welcome, send_code, send_paired, send_ack,
                              send_probe, send_command, send_forget, send_refusal, send_bye, close,
                              publish, pass_live, pass_snapshot, pass_result, pass_trace,
                              pass_alive, pass_time, pass_farewell, fetch>;
  using effects = std::vector<effect>;

  effects frame(link::box_frame content);
  effects garbage(const fault& problem); ///< what came is no frame
  effects greeted_too_long();            ///< no hello, or no end of asking, in time

  effects proved(bool genuine);
  effects farewell_noted();
  effects looked_up(const std::string& owner); ///< empty: not in the fleet
  effects redeemed(std::string person);
  effects token_refused(const fault& why);
  effects coded(code_to_show content);
  effects claimed(std::string person);
  effects admitted(admission verdict);
  effects positioned(std::uint64_t last);
  effects published(std::uint64_t last);
  effects offered(store::command_frame command);
  effects offered_later(); ///< the socket is full: commands are fetched when it is not
  effects fetched(const command_frames& commands);
  effects probe();
  effects end(link_end reason);
  effects goodbye(std::chrono::seconds come_back_in);
  /// A neighbour failed, or has no room: the box shall come back. The jitter is the shell's.
  effects failed(const fault& problem);
  effects closed(); ///< by the box, or cut

  phase where() const { return phase_; }
  /// False while the box shall wait with its next frame.
  bool may_read() const;
  const link::hello& greeting() const { return hello_; }
  const std::string& epoch() const { return hello_.epoch; }
  /// The hello's keys and signatures are needed no more.
  void drop_greeting();

private:
  effects take_hello(link::hello content);
  effects take_linked(link::box_frame content);
  effects take_events(std::vector<event> events);
  effects violation(std::string text);
  effects refuse(std::string code, std::string text, std::string remedy,
                 std::chrono::seconds retry_after = {});
  template <class Effect>
  effects last_word(Effect content);

  link::hello hello_;
  phase phase_ = phase::greeting;
  std::uint32_t in_flight_ = 0;
  std::uint64_t seen_ = 0;         ///< newest event that came, or was on disk before
  std::uint64_t last_command_ = 0; ///< newest that went out
  bool fetching_ = false;
  bool more_commands_ = false; ///< came while fetching
};

/// Whether a box may be called so: 1..64 of A-Z, a-z, 0-9, '.', '_', ':', '-'.
bool is_box_id(std::string_view text);

} // namespace troupe::server
