#include "procfile/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace mesh::procfile {
namespace {

using Kind = PortValue::Kind;
using From = AppPort::From;

// Only a shell can do these.
constexpr std::string_view kBuiltins = "cd export source . set eval ulimit unset";
// Set by the platform and its language buildpacks, whatever the app does.
constexpr std::string_view kPlatformVariables = "PORT HOME PATH DYNO JAVA_OPTS JAVA_TOOL_OPTIONS WEB_CONCURRENCY PWD USER";

bool has_slip(const std::vector<Slip>& slips, Problem problem) {
  return std::ranges::find(slips, problem, &Slip::problem) != slips.end();
}

// "1.2.3" is what was released as "v1.2.3".
std::string_view without_v(std::string_view version) {
  return version.size() > 1 && version[0] == 'v' && version[1] >= '0' && version[1] <= '9' ? version.substr(1) : version;
}

// Who installs a name with a version and an architecture in it. This buildpack installs both products' names, with "latest"
// and with the version; the AppLink buildpack one of its own, and the Integration buildpack none.
enum class InstalledBy { any_buildpack, this_buildpack, none };

InstalledBy installed_by(const MeshName& called, const App& app) {
  using enum InstalledBy;
  if (called.version.empty() && called.arch.empty()) return any_buildpack;
  if (called.arch != "amd64" && called.arch != "arm64") return none;
  if (app.arch && called.arch != *app.arch) return none;
  const bool is_applink = app.product == Product::applink;
  if (!app.config) return is_applink ? any_buildpack : this_buildpack;
  const std::string pinned = app.config_value(is_applink ? "HEROKU_APPLINK_SERVICE_MESH_RELEASE_VERSION"
                                                         : "HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION")
                                 .value_or("latest");
  if (without_v(called.version) == without_v(pinned)) return is_applink ? any_buildpack : this_buildpack;
  return called.version == "latest" ? this_buildpack : none;
}

constexpr std::string_view kNotFound = "it is not installed, so the shell ends with \"command not found\" (exit code 127)";

void check_name(const MeshCall& call, const App& app, std::vector<Slip>& slips) {
  const InstalledBy by = installed_by(*call.name, app);
  if (call.name->product != app.product) {
    // In its own directory there is no link to the other one.
    const bool is_found = by != InstalledBy::none && call.directory.find("vendor/") == std::string::npos;
    slips.push_back({Problem::wrong_product_name,
                     {call.name->text, is_found ? "it starts the installed one, by whose rules it has to be called"
                                                : "the shell ends with \"command not found\" (exit code 127)"},
                     is_found ? std::optional(Severity::warning) : std::nullopt});
  } else if (by == InstalledBy::none) {
    slips.push_back({Problem::arch_in_name, {call.name->text, std::string(kNotFound)}});
  } else if (by == InstalledBy::this_buildpack) {
    slips.push_back(
        {Problem::arch_in_name, {call.name->text, "this buildpack installs it, others would not"}, Severity::note});
  }
}

// A flag, without a value that may be secret.
std::string flag_name(const Token& word) { return word.value.substr(0, word.value.find('=')); }

const Token* first_flag(const std::vector<Token>& words) {
  for (const Token& word : words) {
    if (word.value == "--") break;
    if (word.value.size() > 1 && word.value.starts_with('-')) return &word;
  }
  return nullptr;
}

void check_flags(const MeshCall& call, const App& app, std::vector<Slip>& slips) {
  if (app.product == Product::integration) {
    if (!call.flags.empty()) slips.push_back({Problem::mesh_flag_on_integration, {flag_name(call.flags.front())}});
    if (call.dashes) slips.push_back({Problem::dashdash_on_integration});
  } else if (const Token* const flag = first_flag(call.wrapped); flag != nullptr && !call.dashes) {
    slips.push_back({Problem::missing_dashdash_on_applink, {flag_name(*flag)}});
  }
}

// One argument, in quotes, that was meant as a whole command.
bool is_quoted_command(const MeshCall& call) {
  return call.wrapped.size() == 1 && call.wrapped[0].quoted &&
         text::trim(call.wrapped[0].value).find(' ') != std::string_view::npos;
}

// The value that a flag or a variable gives the mesh for its own port.
PortValue own_port(const MeshCall& call, const Scope& shell, const App& app) {
  Scope known = exported(shell, call.assignments);
  if (!shell.contains("PORT")) known.erase("PORT");  // the shell replaces $PORT before
  const auto flag_value = [&](std::string_view value, const std::vector<Expansion>& expansions) {
    const PortValue port = port_value(value, expansions, known, app);
    const bool is_app_port = expansions.size() == 1 && expansions[0].name == "APP_PORT" && !expansions[0].fallback;
    // Where the app listens is not where the router sends requests, whatever the number is.
    return port.kind == Kind::unknown && is_app_port ? PortValue{Kind::number, 0, true} : port;
  };
  const std::size_t flags = app.product == Product::applink ? call.flags.size() : 0;  // Integration's mesh has none
  for (std::size_t i = 0; i < flags; ++i) {
    const std::string& word = call.flags[i].value;
    const std::string_view flag = std::string_view(word).substr(0, word.find('='));
    if (!one_of(flag, "--port -p")) continue;
    if (flag.size() < word.size()) {
      return flag_value(std::string_view(word).substr(flag.size() + 1), call.flags[i].expansions);
    }
    if (i + 1 < call.flags.size()) return flag_value(call.flags[i + 1].value, call.flags[i + 1].expansions);
  }
  const Scope seen = exported(shell, call.assignments);
  const auto port = seen.find("PORT");
  if (port == seen.end()) return {Kind::public_port};
  if (!port->second.sure) return {};
  Scope outside = shell;
  if (std::ranges::any_of(call.assignments, [](const Token& token) { return assigned_name(token) == "PORT"; })) {
    outside.erase("PORT");
  }
  return port_value(port->second.value, port->second.expansions, outside, app);
}

void check_own_port(const MeshCall& call, const Leaf& leaf, const App& app, std::vector<Slip>& slips) {
  const PortValue port = own_port(call, leaf.scope, app);
  if (port.kind != Kind::number) return;
  slips.push_back({Problem::mesh_port, {port.secret ? "another port" : "port " + std::to_string(port.number)}});
}

// What is wrong with the first words behind the mesh. False if there is no sense in looking at the rest.
bool check_first_words(const MeshCall& call, const App& app, std::vector<Slip>& slips) {
  if (call.wrapped.empty()) {
    const bool stops = app.product == Product::integration;
    slips.push_back({Problem::no_command,
                     {stops ? "it ends at once with exit code 0 and the dyno stops" : "there is no app behind it"}});
    return true;
  }
  const Token& first = call.wrapped.front();
  const auto is_mesh = [](const Token& word) { return parse_mesh_name(word.value).has_value(); };
  if (std::ranges::any_of(call.wrapped, is_mesh)) slips.push_back({Problem::nested_mesh});
  if (is_quoted_command(call)) return slips.push_back({Problem::quoted_command}), false;
  if (const auto name = assigned_name(first)) {
    slips.push_back({Problem::assignment_after_mesh, {*name}});
    return false;
  }
  if (one_of(first.value, kBuiltins) || (first.value == "exec" && call.wrapped.size() > 1)) {
    slips.push_back(
        {Problem::shell_op_after_mesh, {fmt::format("\"{}\" is a builtin of the shell, not a program", first.value)}});
    return false;
  }
  return true;
}

// Whether the shell knows a variable before the command that assigns it.
bool is_set_outside(const std::string& name, const Scope& scope, const App& app) {
  return one_of(name, kPlatformVariables) || scope.contains(name) || scope.contains(kReadFile) || app.config_value(name);
}

// The assigned variable of the command that its own words use too early; empty if there is none.
std::string early_expansion(const MeshCall& call, const Leaf& leaf, const App& app) {
  for (const Token& assignment : call.assignments) {
    std::string name = *assigned_name(assignment);
    if (is_set_outside(name, leaf.scope, app)) continue;
    const auto uses = [&](const Token& word) {
      return std::ranges::any_of(word.expansions, [&](const Expansion& e) { return e.name == name && !e.fallback; });
    };
    if (std::ranges::any_of(call.wrapped, uses) || std::ranges::any_of(call.flags, uses)) return name;
  }
  return "";
}

// What in a command puts its program into the background: the index of the word, with what to write for it.
std::optional<std::pair<std::size_t, std::string>> background_option(const std::vector<Token>& words,
                                                                     const Started& started) {
  const std::string_view program = started.program < words.size() ? file_name(words[started.program].value) : "";
  if (words.end() != std::ranges::find(words, "--no-daemon", &Token::value)) return std::nullopt;
  const std::size_t next = started.program + 1;
  const bool starts = next < words.size() && words[next].value == "start";
  if (program == "pm2" && starts) return std::pair(started.program, "pm2-runtime");
  for (std::size_t i = next; i < words.size(); ++i) {
    const std::string& word = words[i].value;
    const bool is_no = word == "--daemonize" && i + 1 < words.size() && words[i + 1].value == "no";
    if ((word == "--daemon" || word == "--daemonize" || word == "--daemonize=yes") && !is_no) return std::pair(i, "");
    if (program == "gunicorn" && word == "-D") return std::pair(i, "");
  }
  if (program == "forever" && starts) return std::pair(next, "");
  return std::nullopt;
}

// "gunicorn", "gunicorn (start.sh:3)".
std::string named(const Wrapped::Program& program) {
  const auto& words = program.leaf.command.words;
  const std::size_t at = program.leaf.started.program;
  const std::string name = at < words.size() ? std::string(file_name(words[at].value)) : "the app";
  return program.direct ? name : fmt::format("{} ({})", name, program.leaf.place());
}

std::string told(const PortValue& value, From from) {
  if (value.secret) return "the one in the config var APP_PORT";
  return std::to_string(value.number) + (from == From::nowhere ? " (APP_PORT is not set)" : "");
}

void check_app_port(const MeshCall& call, const AppPort& port, const Wrapped& wrapped, std::vector<Slip>& slips) {
  for (const Token& assignment : call.assignments) {
    const bool is_port = assigned_name(assignment) == "APP_PORT" && assignment.expansions.empty() && !assignment.substitutes;
    if (is_port && !parse_port(assigned_value(assignment))) slips.push_back({Problem::app_port_invalid});
  }
  const auto behind = [](const Token& word) { return assigned_name(word) == "APP_PORT"; };
  if (port.value.kind == Kind::public_port) {
    slips.push_back({Problem::same_port, {"an app that listens on the same APP_PORT"}});
  } else if (port.hidden) {
    slips.push_back({Problem::app_port_not_exported});
  } else if (port.from == From::nowhere && std::ranges::none_of(call.wrapped, behind)) {
    const auto knows = [](const Wrapped::Program& program) { return !program.listening.ports.empty(); };
    if (std::ranges::none_of(wrapped.programs, knows)) slips.push_back({Problem::app_port_unset});
  }
}

// The index of a word that is no port flag of the program but looks like one; nullopt if there is none.
std::optional<std::size_t> unknown_port_flag(const Wrapped::Program& program) {
  const Started& started = program.leaf.started;
  if (started.server == nullptr) return std::nullopt;
  const auto& words = program.leaf.command.words;
  for (std::size_t i = started.arguments; i < words.size() && words[i].value != "--"; ++i) {
    if (one_of(flag_name(words[i]), unknown_port_flags(*started.server))) return i;
  }
  return std::nullopt;
}

void check_programs(const AppPort& port, const Wrapped& wrapped, std::vector<Slip>& slips) {
  for (const Wrapped::Program& program : wrapped.programs) {
    const bool is_told = program.listening.is_told();
    if (const auto flag = unknown_port_flag(program)) {
      slips.push_back({Problem::unknown_port_flag, {named(program), flag_name(program.leaf.command.words[*flag])}});
    } else if (program.listening.is_public()) {
      if (!has_slip(slips, Problem::same_port)) {
        slips.push_back(
            {Problem::same_port, {named(program) + (is_told ? ", which is told to listen there," : ", which takes it,")}});
      }
    } else if (port.value.kind == Kind::number) {
      const auto other = program.listening.other_than(port.value.number);
      if (other && !other->secret) {
        slips.push_back(
            {Problem::app_port_mismatch, {named(program), std::to_string(other->number), told(port.value, port.from)}});
      }
    }
    if (const auto option = background_option(program.leaf.command.words, program.leaf.started)) {
      slips.push_back({Problem::sleepy_child, {program.leaf.command.words[option->first].value}});
    }
  }
}

Token reparsed(const std::string& raw) {
  auto tokens = tokenize(raw);
  return tokens.size() == 1 ? std::move(tokens[0]) : plain_word(raw);
}

// Each $NAME in the word becomes the text.
void expand(Token& word, std::string_view name, const std::string& text) {
  std::string raw = word.raw;
  for (const Expansion& expansion : word.expansions) {
    const std::size_t at = expansion.name == name ? raw.find(expansion.text) : std::string::npos;
    if (at != std::string::npos) raw.replace(at, expansion.text.size(), text);
  }
  if (raw != word.raw) word = reparsed(raw);
}

// Puts a command right step by step; `right` becomes false where that cannot be done for sure.
class Correction {
 public:
  Correction(MeshCall call, const Leaf& leaf, const App& app) : call_(std::move(call)), leaf_(leaf), app_(app) {}

  std::optional<MeshCall> run() {
    const bool had_mesh = call_.name.has_value();
    put_mesh_right();
    put_first_words_right();
    if (!right_ || call_.wrapped.empty()) return std::nullopt;
    take_own_port_away();
    put_ports_right(had_mesh);
    put_expansions_right();
    if (!right_) return std::nullopt;
    call_.dashes = app_.product == Product::applink && (call_.dashes || first_flag(call_.wrapped) != nullptr);
    call_.slips.clear();
    return std::move(call_);
  }

 private:
  void put_mesh_right() {
    const std::string name(program(*app_.product));
    const bool keeps = call_.name && call_.name->product == app_.product;
    if (!keeps) call_.directory.clear();
    if (!keeps || installed_by(*call_.name, app_) != InstalledBy::any_buildpack) call_.name = parse_mesh_name(name);
    if (app_.product == Product::integration) call_.flags.clear();
  }

  void unquote() {
    const ShellText text = parse_shell(text::trim(call_.wrapped[0].value));
    right_ = text.is_simple() && text.commands.size() == 1;
    if (!right_) return;
    const Command& command = text.commands[0];
    call_.wrapped = command.words;
    call_.assignments.insert(call_.assignments.end(), command.assignments.begin(), command.assignments.end());
  }

  void put_first_words_right() {
    const auto drop = [&] { call_.wrapped.erase(call_.wrapped.begin()); };
    if (!call_.wrapped.empty() && is_quoted_command(call_)) unquote();
    while (right_ && !call_.wrapped.empty()) {
      const Token first = call_.wrapped.front();
      if (assigned_name(first)) {
        call_.assignments.push_back(first);
      } else if (parse_mesh_name(first.value)) {
        drop();
        while (!call_.wrapped.empty() && call_.wrapped.front().value.starts_with('-')) drop();
        continue;
      } else if (first.value != "exec") {
        break;
      }
      drop();
    }
    const auto is_mesh = [](const Token& word) { return parse_mesh_name(word.value).has_value(); };
    if (call_.wrapped.empty() || one_of(call_.wrapped[0].value, kBuiltins)) right_ = false;
    if (right_ && call_.wrapped[0].raw.find('\\') != std::string::npos) right_ = false;  // as Windows writes paths
    if (std::ranges::any_of(call_.wrapped, is_mesh)) right_ = false;
  }

  // What is for the app stands behind the mesh.
  void take_own_port_away() {
    if (own_port(call_, leaf_.scope, app_).kind == Kind::number) {
      call_.flags.clear();
      gives_port_ = true;
    }
    std::erase_if(call_.assignments, [&](const Token& token) { return assigned_name(token) == "PORT"; });
    if (own_port(call_, leaf_.scope, app_).kind == Kind::number) right_ = false;  // "export PORT=..."
  }

  void assign_app_port(const std::string& number) {
    const Token token = plain_word("APP_PORT=" + number);
    const auto own =
        std::ranges::find_if(call_.assignments, [](const Token& each) { return assigned_name(each) == "APP_PORT"; });
    if (own != call_.assignments.end()) {
      *own = token;
    } else {
      call_.assignments.insert(call_.assignments.begin(), token);
    }
  }

  // How the app's arguments name the port to which the mesh forwards, which is set for that if need be.
  std::string app_port() {
    const AppPort port = app_port_of(call_.assignments, leaf_.scope, app_);
    const bool is_number = port.value.kind == Kind::number;
    if (port.from == From::shell && port.value.kind != Kind::public_port) return "$APP_PORT";
    if (port.from == From::config && is_number) return "$APP_PORT";
    if (port.from == From::settings_file || (port.from == From::command && is_number && !port.value.secret))
      return port.spelled;
    if (port.from == From::command && port.value.kind == Kind::unknown) right_ = false;
    assign_app_port(std::to_string(kDefaultAppPort));
    return std::to_string(kDefaultAppPort);
  }

  void give_port_variable(const std::string& port) {
    const Token token = reparsed("PORT=" + port);
    auto& words = call_.wrapped;
    const bool has_env = words[0].value == "env" && words.size() > 1 && !words[1].value.starts_with('-');
    if (has_env) std::erase_if(words, [](const Token& word) { return assigned_name(word) == "PORT"; });
    if (!has_env) words.insert(words.begin(), plain_word("env"));
    words.insert(words.begin() + 1, token);
  }

  // Tells the program to listen where the mesh forwards to.
  void tell(const Wrapped::Program& program) {
    const Server* const server = program.leaf.started.server;
    const bool has_arguments = program.direct && server != nullptr && !server->tell.empty() && !program.listening.by_file;
    if (!has_arguments) return give_port_variable(app_port());
    const std::string arguments = fmt::format(fmt::runtime(server->tell), app_port());
    const std::vector<Token> tokens = tokenize(arguments);
    const bool at_end = server->program == "dotnet";
    const std::size_t at = at_end ? call_.wrapped.size() : program.leaf.started.arguments;
    call_.wrapped.insert(call_.wrapped.begin() + static_cast<std::ptrdiff_t>(at), tokens.begin(), tokens.end());
  }

  void put_listening_right(const Wrapped::Program& program) {
    const Listening& listening = program.listening;
    if (listening.is_public()) {
      const std::string port = app_port();
      for (Token& word : call_.wrapped) expand(word, "PORT", port);
      if (!program.direct || !listening.is_told()) tell(program);
      return;
    }
    const AppPort port = app_port_of(call_.assignments, leaf_.scope, app_);
    const bool is_known = port.value.kind == Kind::number;
    const auto other = listening.other_than(is_known ? port.value.number : 0);
    if (!other || (!is_known && port.from != From::unknown)) return;
    if (other->secret) {
      right_ = false;
    } else if (program.direct && !listening.is_told() && !program.leaf.started.server->tell.empty()) {
      tell(program);
    } else {
      assign_app_port(std::to_string(other->number));
    }
  }

  void put_background_right(const Wrapped::Program& program) {
    const auto option = background_option(program.leaf.command.words, program.leaf.started);
    if (!option) return;
    if (!program.direct) {
      right_ = false;
    } else if (option->second.empty()) {
      call_.wrapped.erase(call_.wrapped.begin() + static_cast<std::ptrdiff_t>(option->first));
    } else {
      call_.wrapped[option->first] = plain_word(option->second);
    }
  }

  // Takes away the flag with its value, as if the program had been given no port.
  void put_flags_right(const Wrapped::Program& program) {
    const auto flag = unknown_port_flag(program);
    if (!flag) return;
    right_ = right_ && program.direct;
    if (!program.direct) return;
    auto& words = call_.wrapped;
    const bool has_value = words[*flag].value == flag_name(words[*flag]) && *flag + 1 < words.size() &&
                           !words[*flag + 1].value.starts_with('-');
    const auto first = words.begin() + static_cast<std::ptrdiff_t>(*flag);
    words.erase(first, first + (has_value ? 2 : 1));
  }

  // An app that worked without a mesh listens on $PORT, unless it has a port of its own.
  void put_unknown_port_right(const Wrapped& wrapped) {
    const bool is_single = wrapped.programs.size() == 1;
    const Started started = is_single ? wrapped.programs[0].leaf.started : Started{};
    const auto& words = is_single ? wrapped.programs[0].leaf.command.words : call_.wrapped;
    if (is_single && started.file < words.size()) {
      const auto path = path_in_app(words[started.file].value, wrapped.programs[0].leaf.command.directory);
      const auto own = path ? port_in_source(*path, app_) : std::nullopt;
      if (own) return assign_app_port(std::to_string(*own));
    }
    const std::string port = app_port();
    for (Token& word : call_.wrapped) expand(word, "PORT", port);
    const Server* const server = started.server;
    const bool is_direct = is_single && wrapped.programs[0].direct && server != nullptr;
    if (is_direct && !server->tell.empty()) tell(wrapped.programs[0]);
    const auto given = [](const Wrapped::Program& program) { return program.is_given_port; };
    if (std::ranges::any_of(wrapped.programs, given)) return;
    give_port_variable(port);
    const bool is_java = server != nullptr && server->program == "java";  // Spring Boot reads another variable
    if (is_java) call_.wrapped.insert(call_.wrapped.begin() + 2, reparsed("SERVER_PORT=" + port));
  }

  void put_ports_right(bool had_mesh) {
    for (const Token& assignment : call_.assignments) {
      const bool is_port = assigned_name(assignment) == "APP_PORT" && assignment.expansions.empty();
      if (is_port && !parse_port(assigned_value(assignment))) assign_app_port(std::to_string(kDefaultAppPort));
    }
    Wrapped wrapped = wrapped_of(call_, leaf_, app_);
    const auto is_nested = [](const Wrapped::Program& program) { return program.leaf.source->nested; };
    if (wrapped.starts_mesh || std::ranges::any_of(wrapped.programs, is_nested)) right_ = false;
    if (right_ && wrapped.programs.size() == 1) {
      put_flags_right(wrapped.programs[0]);
      if (right_) put_background_right(wrapped_of(call_, leaf_, app_).programs[0]);
      wrapped = wrapped_of(call_, leaf_, app_);
    }
    bool is_known = false;
    bool is_right = true;
    for (const Wrapped::Program& program : wrapped.programs) is_known = is_known || !program.listening.ports.empty();
    for (const Wrapped::Program& program : wrapped.programs) {
      if (program.listening.ports.empty() || !is_right) continue;
      is_right = wrapped.programs.size() == 1;  // one change may have undone another's reason
      put_listening_right(program);
    }
    const auto reads_port = [&](const Wrapped::Program& program) {
      return place_that_reads_port(program, app_).has_value();
    };
    const bool is_misled = std::ranges::any_of(wrapped.programs, reads_port);
    if (!is_known && (!had_mesh || gives_port_ || is_misled)) put_unknown_port_right(wrapped);
    const AppPort port = app_port_of(call_.assignments, leaf_.scope, app_);
    if (port.value.kind == Kind::public_port || port.from == From::nowhere || port.hidden) app_port();
  }

  void put_expansions_right() {
    for (std::string name = early_expansion(call_, leaf_, app_); right_ && !name.empty();
         name = early_expansion(call_, leaf_, app_)) {
      const auto assignment =
          std::ranges::find_if(call_.assignments, [&](const Token& token) { return assigned_name(token) == name; });
      const std::string value = assigned_value(*assignment);
      const bool is_plain = assignment->raw == assignment->value && assignment->expansions.empty() && !value.empty();
      right_ = is_plain;
      for (Token& word : call_.wrapped) expand(word, name, value);
      for (Token& word : call_.flags) expand(word, name, value);
    }
    // Its own APP_PORT is not yet there when the shell replaces $APP_PORT.
  }

  MeshCall call_;
  const Leaf& leaf_;
  const App& app_;
  bool right_ = true;
  bool gives_port_ = false;
};

// "APP_PORT=4000 cd api": the assignment is for a command that is not the mesh. The default would be the same.
bool takes_app_port_away(const Command& command) {
  return !starts_mesh(command, {}) && std::ranges::any_of(command.assignments, [](const Token& token) {
    return assigned_name(token) == "APP_PORT" && parse_port(assigned_value(token)) != kDefaultAppPort;
  });
}

// Whether a command behind a call starts the app, without the mesh: a server, or anything where the mesh only prepares it.
bool starts_app_beside(const Command& command, const MeshCall& call) {
  const bool prepares = std::ranges::any_of(call.wrapped, [](const Token& word) {
    return one_of(word.value, "build migrate collectstatic db:migrate ecto.migrate install ci upgrade");
  });
  const Started started = started_program(command.words, 0);
  if (starts_mesh(command, {}) || started.program >= command.words.size()) return false;
  if (started.server != nullptr) return prepares || started.server->untold != Untold::unknown;
  const bool is_manager = one_of(file_name(command.words[started.program].value), "npm yarn pnpm");
  return is_manager && (prepares || command.words.back().value == "start");
}

}  // namespace

Wrapped wrapped_of(const MeshCall& call, const Leaf& leaf, const App& app) {
  Wrapped result;
  if (call.wrapped.empty()) return result;
  const Scope seen = exported(leaf.scope, call.assignments);
  Source source = *leaf.source;
  const Command command{.words = call.wrapped, .directory = leaf.command.directory, .line = leaf.command.line};
  Walk walk = walk_command(command, source, seen, app);
  for (Leaf& each : walk.leaves) {
    const bool is_sure =
        !each.conditional && !each.command.conditional && !each.command.condition && each.command.after != "&";
    if (!is_sure) continue;
    const bool direct = each.source->text == source.text && each.source->file == source.file && !each.source->nested;
    if (!direct && starts_mesh(each.command, each.scope)) result.starts_mesh = true;
    std::vector<Token> assignments = each.command.assignments;
    assignments.insert(assignments.end(), each.started.assignments.begin(), each.started.assignments.end());
    const Scope program = exported(direct ? seen : each.scope, assignments);
    Listening listening = listening_of(each.command.words, each.started, each.command.directory,
                                       direct ? leaf.scope : each.scope, program, app);
    const bool given = program.contains("PORT");
    result.programs.push_back({std::move(each), direct, std::move(listening), given});
  }
  return result;
}

std::optional<std::string> place_that_reads_port(const Wrapped::Program& program, const App& app) {
  if (program.is_given_port || !program.listening.ports.empty()) return std::nullopt;
  const Started& started = program.leaf.started;
  const auto& words = program.leaf.command.words;
  std::vector<std::string> paths;
  if (started.file < words.size()) {
    if (const auto path = path_in_app(words[started.file].value, program.leaf.command.directory)) paths.push_back(*path);
  }
  if (started.server == nullptr) paths.emplace_back("main.go");
  if (started.server != nullptr && started.server->program == "dotnet") paths.emplace_back("Program.cs");
  for (const std::string& path : paths) {
    if (auto place = reads_port_alone(path, app)) return place;
  }
  return std::nullopt;
}

std::vector<Slip> check_call(const MeshCall& call, const Leaf& leaf, const App& app) {
  std::vector<Slip> slips = call.slips;
  check_name(call, app, slips);
  check_flags(call, app, slips);
  if (!check_first_words(call, app, slips)) return slips;
  check_own_port(call, leaf, app, slips);
  const bool has_own_port = has_slip(slips, Problem::mesh_port);
  const AppPort port = app_port_of(call.assignments, leaf.scope, app);
  const Wrapped wrapped = wrapped_of(call, leaf, app);
  if (wrapped.starts_mesh) slips.push_back({Problem::nested_mesh});
  check_app_port(call, port, wrapped, slips);
  const std::string early = early_expansion(call, leaf, app);
  if (!early.empty()) slips.push_back({Problem::expansion_before_assignment, {"$" + early}});
  if (!has_own_port) check_programs(port, wrapped, slips);
  return slips;
}

std::vector<Slip> check_text_around(const MeshCall& call, const Leaf& leaf, const App& app) {
  std::vector<Slip> slips;
  const ShellText text = parse_shell(leaf.source->text, leaf.source->directory);
  const AppPort::From from = app_port_of(call.assignments, leaf.scope, app).from;
  const bool lacks_port = from == From::nowhere || from == From::unknown;
  const std::string_view joined = leaf.command.after;
  bool goes_on = false;
  bool starts_app = false;
  for (const Command& command : text.commands) {
    if (command.words.empty() || command.begin == leaf.command.begin) continue;
    if (command.begin < leaf.command.begin) {
      if (!lacks_port || !takes_app_port_away(command)) continue;
      slips.push_back({Problem::assignment_on_another_command, {std::string(file_name(command.words[0].value))}});
    } else {
      goes_on = goes_on || !command.conditional;
      starts_app = starts_app || (!command.conditional && starts_app_beside(command, call));
    }
  }
  if (leaf.conditional || call.wrapped.empty()) return slips;
  if (joined == "&" && !goes_on) slips.push_back({Problem::background_mesh});
  const bool is_next = joined == "&&" || joined == ";" || joined == "\n";
  if (is_next && starts_app && !one_of(call.wrapped[0].value, kBuiltins)) {
    const std::string operation(joined == "\n" ? ";" : joined);
    slips.push_back({Problem::shell_op_after_mesh,
                     {fmt::format("\"{}\" starts behind it, the command after \"{}\" does not",
                                  file_name(call.wrapped[0].value), operation)}});
  }
  return slips;
}

std::optional<MeshCall> corrected(MeshCall call, const Leaf& leaf, const App& app) {
  auto result = Correction(std::move(call), leaf, app).run();
  if (!result) return std::nullopt;
  // Only a line without any mistake is told.
  const ShellText again = parse_shell(result->text(), leaf.command.directory);
  if (again.commands.size() != 1 || again.commands[0].words.empty()) return std::nullopt;
  const MeshCall parsed = take_apart(again.commands[0], leaf.scope, app);
  const auto left = check_call(parsed, leaf, app);
  const auto is_mistake = [](const Slip& slip) {
    return slip.severity.value_or(entry(slip.problem).severity) != Severity::note;
  };
  return !parsed.name || std::ranges::any_of(left, is_mistake) ? std::nullopt : result;
}

std::optional<MeshCall> without_mesh(MeshCall call) {
  if (is_quoted_command(call)) {
    const ShellText text = parse_shell(text::trim(call.wrapped[0].value));
    if (!text.is_simple() || text.commands.size() != 1) return std::nullopt;
    call.wrapped = text.commands[0].words;
    call.assignments.insert(call.assignments.end(), text.commands[0].assignments.begin(),
                            text.commands[0].assignments.end());
  }
  call.name.reset();
  call.directory.clear();
  call.flags.clear();
  call.dashes = false;
  return call.wrapped.empty() ? std::nullopt : std::optional(std::move(call));
}

bool serves_public_port(const Leaf& leaf, const App& app) {
  const auto& words = leaf.command.words;
  std::vector<Token> assignments = leaf.command.assignments;
  assignments.insert(assignments.end(), leaf.started.assignments.begin(), leaf.started.assignments.end());
  return leaf.started.program < words.size() &&
         listening_of(words, leaf.started, leaf.command.directory, leaf.scope, exported(leaf.scope, assignments), app)
             .is_public();
}

}  // namespace mesh::procfile
