#include "apps/troupe/completion.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace troupe::apps {
namespace {

const CLI::App* child(const CLI::App& of, const std::string& name) {
  for (const auto* each : of.get_subcommands([](const CLI::App*) { return true; }))
    if (each->get_name() == name) return each;
  return nullptr;
}

/// An option of this command or of one above it.
const CLI::Option* option(const CLI::App& of, const std::string& name) {
  for (const auto* at = &of; at != nullptr; at = at->get_parent())
    if (const auto* found = at->get_option_no_throw(name)) return found;
  return nullptr;
}

bool takes_value(const CLI::Option* of) {
  return of != nullptr && of->get_items_expected_max() > 0;
}

std::vector<std::string> positionals(const CLI::App& of) {
  std::vector<std::string> names;
  for (const auto* each : of.get_options())
    if (each->get_positional()) names.push_back(each->get_name());
  return names;
}

std::vector<std::string> option_names(const CLI::App& of) {
  std::vector<std::string> names;
  for (const auto* at = &of; at != nullptr; at = at->get_parent())
    for (const auto* each : at->get_options())
      for (const auto& name : each->get_lnames())
        if (std::find(names.begin(), names.end(), "--" + name) == names.end())
          names.push_back("--" + name);
  return names;
}

/// The words of an option or argument that has a fixed set.
std::vector<std::string> fixed_words(const std::string& name) {
  if (name == "--state") return {"ready", "attention", "trouble", "unknown", "offline"};
  if (name == "--scope") return {"read", "operate", "manage"};
  if (name == "--type") return {"box.", "device.", "action.", "command.", "pairing."};
  if (name == "shell") return {"bash", "zsh", "fish"};
  return {};
}

struct place {
  const CLI::App* command;
  std::vector<std::string> given; ///< arguments before
  std::string option_before;      ///< the option whose value is wanted
};

place find_place(const CLI::App& program, const std::vector<std::string>& words) {
  place at{&program, {}, {}};
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const auto& word = words[i];
    if (word.starts_with("-")) {
      if (word.find('=') != std::string::npos || !takes_value(option(*at.command, word))) continue;
      if (i + 2 == words.size()) at.option_before = word;
      ++i;
    } else if (const auto* deeper = child(*at.command, word);
               deeper != nullptr && at.given.empty()) {
      at.command = deeper;
    } else {
      at.given.push_back(word);
    }
  }
  return at;
}

} // namespace

std::vector<std::string> complete(const CLI::App& program, const std::vector<std::string>& words,
                                  const name_lookup& lookup) {
  if (words.empty()) return {};
  const auto at = find_place(program, words);
  std::vector<std::string> all;
  if (!at.option_before.empty()) {
    all = fixed_words(at.option_before);
    if (at.option_before == "--box") all = lookup("box", {});
    if (at.option_before == "--point-of-sale") all = lookup("point-of-sale", {});
  } else if (words.back().starts_with("-")) {
    all = option_names(*at.command);
  } else {
    for (const auto* each : at.command->get_subcommands([](const CLI::App*) { return true; }))
      if (!each->get_name().empty() && !each->get_group().empty()) all.push_back(each->get_name());
    const auto names = positionals(*at.command);
    if (at.given.size() < names.size()) {
      const auto& wanted = names[at.given.size()];
      auto words_of = fixed_words(wanted);
      if (words_of.empty()) words_of = lookup(wanted, at.given);
      all.insert(all.end(), words_of.begin(), words_of.end());
    }
  }
  std::erase_if(all, [&](const std::string& each) { return !each.starts_with(words.back()); });
  return all;
}

std::string completion_script(const std::string& shell) {
  // The program itself knows its words; the scripts only carry them over.
  if (shell == "bash")
    return R"sh(_troupe() {
  local each
  COMPREPLY=()
  while IFS= read -r each; do COMPREPLY+=("$(printf %q "$each")"); done \
    < <(troupe complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o nosort -F _troupe troupe
)sh";
  if (shell == "zsh")
    return R"sh(#compdef troupe
_troupe() {
  local -a found
  found=("${(@f)$(troupe complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -- ${found:#}
}
compdef _troupe troupe
)sh";
  if (shell == "fish")
    return R"sh(complete -c troupe -f -a '(troupe complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
)sh";
  return {};
}

} // namespace troupe::apps
