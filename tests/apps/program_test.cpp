#include "apps/troupe/completion.hpp"
#include "apps/troupe/fleet.hpp"
#include "apps/troupe/program.hpp"
#include "apps/troupe/show.hpp"
#include "messages/codec.hpp"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <sstream>

namespace troupe::apps {
namespace {

struct outcome {
  int code = 0;
  std::string out, err;
};

outcome run(std::vector<const char*> words) {
  words.insert(words.begin(), "troupe");
  std::ostringstream out, err;
  const int code = run_program(static_cast<int>(words.size()), words.data(), out, err);
  return {code, out.str(), err.str()};
}

class command_line : public ::testing::Test {
protected:
  command_line() {
    ::setenv("TROUPE_SERVER", "http://127.0.0.1:1", 1);
    ::setenv("TROUPE_TOKEN", "token", 1);
    ::setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
  }
};

TEST_F(command_line, wrong_usage_is_told_apart) {
  const std::vector<std::vector<const char*>> wrong{
      {},
      {"bux"},
      {"box"},
      {"box", "show"},
      {"box", "rename", "Kitchen"},
      {"box", "set"},
      {"box", "set", "Kitchen", "--tag"},
      {"point-of-sale"},
      {"point-of-sale", "add"},
      {"point-of-sale", "rename", "Bakery"},
      {"box", "list", "--state", "fine"},
      {"box", "list", "--online", "--offline"},
      {"connect"},
      {"device", "do", "Kitchen", "counter"},
      {"device", "do", "Kitchen", "counter", "print", "--document", "/nonexistent/file"},
      {"device", "do", "Kitchen", "counter", "print", "--valid-for", "0"},
      {"device", "do", "Kitchen", "counter", "status", "--arguments", "{"},
      {"event", "tail", "--after", "x"},
      {"trace", "show"},
      {"completion", "tcsh"},
      {"status", "--server", "ftp://x"},
      {"status", "--nonsense"}};
  for (const auto& words : wrong) {
    const auto got = run(words);
    EXPECT_EQ(got.code, bad_usage) << ::testing::PrintToString(words) << got.out << got.err;
    EXPECT_FALSE(got.err.empty()) << ::testing::PrintToString(words);
  }
}

TEST_F(command_line, nobody_who_answers_is_its_own_exit_code) {
  for (const auto& words : std::vector<std::vector<const char*>>{
           {"status"}, {"box", "list"}, {"connect", "BCDFGHJK"}, {"event", "tail"}}) {
    const auto got = run(words);
    EXPECT_EQ(got.code, unreachable) << ::testing::PrintToString(words) << got.err;
    EXPECT_NE(got.err.find("http://127.0.0.1:1"), std::string::npos) << got.err;
  }
  const auto as_json = run({"status", "--json"});
  const auto problem = from_json<value>(as_json.err);
  ASSERT_TRUE(problem) << as_json.err;
  EXPECT_EQ(problem->text_or("code"), "transport.refused");
  EXPECT_EQ(*(*problem)["exit_code"].as_integer(), unreachable);
}

TEST_F(command_line, without_a_log_in_it_says_how_to) {
  ::unsetenv("TROUPE_TOKEN");
  const auto got = run({"box", "list"});
  EXPECT_EQ(got.code, not_allowed);
  EXPECT_NE(got.err.find("troupe login"), std::string::npos) << got.err;
  EXPECT_EQ(run({"event", "tail"}).code, not_allowed);
}

void every_command(const CLI::App& under, std::vector<std::string> path,
                   std::vector<std::vector<std::string>>& found) {
  for (const auto* each : under.get_subcommands([](const CLI::App*) { return true; })) {
    if (each->get_group().empty()) continue;
    path.push_back(each->get_name());
    found.push_back(path);
    every_command(*each, path, found);
    path.pop_back();
  }
}

TEST_F(command_line, each_command_explains_itself) {
  std::ostringstream out, err;
  command_context context{out, err};
  const auto program = make_program(context);
  std::vector<std::vector<std::string>> commands;
  every_command(*program, {}, commands);
  EXPECT_GT(commands.size(), 18u);
  for (const auto& path : commands) {
    std::vector<const char*> words;
    for (const auto& each : path)
      words.push_back(each.c_str());
    words.push_back("--help");
    const auto got = run(words);
    EXPECT_EQ(got.code, all_well) << path.back();
    EXPECT_NE(got.out.find("Usage:"), std::string::npos) << path.back();
  }
}

class completion : public ::testing::Test {
protected:
  std::vector<std::string> of(std::vector<std::string> words) {
    std::ostringstream out, err;
    command_context context{out, err};
    const auto program = make_program(context);
    return complete(*program, words, [this](const auto& what, const auto& before) {
      asked = what;
      given = before;
      if (what == "box") return std::vector<std::string>{"Kitchen", "Bar 2"};
      if (what == "device") return std::vector<std::string>{"counter"};
      return std::vector<std::string>{};
    });
  }
  std::string asked;
  std::vector<std::string> given;
  using words = std::vector<std::string>;
};

TEST_F(completion, knows_commands_options_and_fixed_words) {
  EXPECT_EQ(of({"bo"}), words{"box"});
  EXPECT_EQ(of({"box", "re"}), (words{"rename", "restart"}));
  EXPECT_EQ(of({"--json", "box", "sh"}), words{"show"});
  EXPECT_EQ(of({"--server", "box", "tr"}), words{"trace"})
      << "the value of an option is no command";
  EXPECT_EQ(of({"box", "list", "--st"}), words{"--state"});
  EXPECT_EQ(of({"box", "list", "--js"}), words{"--json"})
      << "options of the program are allowed too";
  EXPECT_EQ(of({"box", "list", "--state", "t"}), words{"trouble"});
  EXPECT_EQ(of({"completion", ""}), (words{"bash", "zsh", "fish"}));
  EXPECT_EQ(of({"comple"}), words{"completion"}) << "what only scripts call is not offered";
  EXPECT_EQ(of({}), words{});
}

TEST_F(completion, asks_the_server_for_names) {
  EXPECT_EQ(of({"box", "show", "Ki"}), words{"Kitchen"});
  EXPECT_EQ(of({"event", "tail", "--box", ""}), (words{"Kitchen", "Bar 2"}));
  EXPECT_EQ(of({"device", "do", "Kitchen", ""}), words{"counter"});
  EXPECT_EQ(asked, "device");
  EXPECT_EQ(given, words{"Kitchen"});
  EXPECT_EQ(of({"device", "do", "--wait", "Kitchen", "counter", "x"}), words{});
  EXPECT_EQ(asked, "action");
  EXPECT_EQ(of({"box", "show", "Kitchen", ""}), words{}) << "nothing more is expected";
}

TEST_F(completion, scripts_carry_words_to_the_program) {
  EXPECT_EQ(run({"complete", "--", "box", "li"}).out, "list\n");
  EXPECT_EQ(run({"complete", "--", "box", "list", "--onl"}).out, "--online\n");
  EXPECT_EQ(run({"complete", "--", ""}).code, all_well);
  for (const char* shell : {"bash", "zsh", "fish"})
    EXPECT_NE(run({"completion", shell}).out.find("troupe complete --"), std::string::npos)
        << shell;
}

TEST(refusals, are_told_in_the_servers_words) {
  transport::client_response answer;
  answer.status = 422;
  answer.body = R"({"type":"about:blank","title":"Unprocessable","status":422,
                    "detail":"That is no code.","code":"pairing.bad_form","remedy":"Type 8 letters."})";
  const auto told = refusal(answer);
  EXPECT_EQ(told.code, "pairing.bad_form");
  EXPECT_EQ(told.text, "That is no code.");
  EXPECT_EQ(told.remedy, "Type 8 letters.");
  EXPECT_EQ(exit_code_of(told), failed);
  answer.status = 404;
  EXPECT_EQ(exit_code_of(refusal(answer)), not_found);
  answer.status = 403;
  EXPECT_EQ(exit_code_of(refusal(answer)), not_allowed);
  answer.status = 502;
  answer.body = "<html>Bad gateway</html>";
  EXPECT_EQ(refusal(answer).text, "The server answered 502.");
}

TEST(outcomes, of_commands_decide_the_exit_code) {
  command_record record;
  record.state = action_state::confirmed;
  EXPECT_FALSE(problem_of(record));
  record.state = action_state::failed;
  record.code = "ERROR_NO_PAPER";
  record.text = "Out of paper.";
  ASSERT_TRUE(problem_of(record));
  EXPECT_EQ(problem_of(record)->code, "ERROR_NO_PAPER");
  EXPECT_EQ(exit_code_of(*problem_of(record)), failed);
  record.state = action_state::unknown;
  EXPECT_EQ(exit_code_of(*problem_of(record)), undecided);
}

TEST(event_lines, say_what_happened_where) {
  const auto event = from_json<value>(
      R"({"time":"2026-11-25T19:30:01.5Z","sequence":42,"type":"device.status",
          "device":"counter","data":{"status":{"state":"trouble","text":"Out of paper."}}})");
  ASSERT_TRUE(event);
  ::setenv("TZ", "UTC", 1);
  EXPECT_EQ(event_line(*event, "Kitchen"),
            "2026-11-25 19:30:01.500  42        Kitchen              device.status       "
            "counter  Out of paper.");
}

} // namespace
} // namespace troupe::apps
