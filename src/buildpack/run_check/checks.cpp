#include "buildpack/run_check/checks.h"

namespace mesh::buildpack::run_check {
namespace {

template <std::size_t kSize>
constexpr Text literal(const char (&text)[kSize]) {  // NOLINT(modernize-avoid-c-arrays)
  return {text, kSize - 1};
}

Text text_of(const char* text) {
  std::size_t size = 0;
  while (text != nullptr && text[size] != '\0') ++size;
  return {text, size};
}

bool begins_with(Text text, Text start) {
  if (text.size < start.size) return false;
  for (std::size_t i = 0; i < start.size; ++i) {
    if (text.begin[i] != start.begin[i]) return false;
  }
  return true;
}

bool ends_with(Text text, Text end) {
  return text.size >= end.size && begins_with({text.begin + (text.size - end.size), end.size}, end);
}

bool contains(Text text, Text part) {
  for (std::size_t i = 0; i + part.size <= text.size; ++i) {
    if (begins_with({text.begin + i, text.size - i}, part)) return true;
  }
  return false;
}

// The last part of a path.
Text file_name(Text path) {
  std::size_t begin = path.size;
  while (begin > 0 && path.begin[begin - 1] != '/') --begin;
  return {path.begin + begin, path.size - begin};
}

bool equal(Text left, Text right) { return left.size == right.size && begins_with(left, right); }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(Text text, Text lower_text) {
  if (text.size != lower_text.size) return false;
  for (std::size_t i = 0; i < text.size; ++i) {
    if (lower(text.begin[i]) != lower_text.begin[i]) return false;
  }
  return true;
}

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

Text trimmed(Text text) {
  while (text.size > 0 && is_blank(text.begin[0])) text = {text.begin + 1, text.size - 1};
  while (text.size > 0 && is_blank(text.begin[text.size - 1])) --text.size;
  return text;
}

// Returns the part of NAME=value before the "=", or all of it without one.
Text name_of(Text entry) {
  std::size_t size = 0;
  while (size < entry.size && entry.begin[size] != '=') ++size;
  return {entry.begin, size};
}

class Environment {
 public:
  explicit Environment(const char* const* entries) : entries_(entries) {}

  // Returns the value without spaces around it; empty if it is unset. Of several, the first one counts, as for programs.
  Text get(Text name) const {
    for (const char* const* entry = entries_; entry != nullptr && *entry != nullptr; ++entry) {
      if (!begins_with_name(*entry, name)) continue;
      return trimmed(text_of(*entry + name.size + 1));
    }
    return {nullptr, 0};
  }

  bool has(Text name) const { return get(name).size > 0; }

  // A variable of any attachment: HEROKU_APPLINK_TOKEN, HEROKU_APPLINK_BLUE_TOKEN.
  bool has_between(Text start, Text end, Text except) const {
    for (const char* const* entry = entries_; entry != nullptr && *entry != nullptr; ++entry) {
      if (**entry != start.begin[0]) continue;
      const Text name = name_of(text_of(*entry));
      if (begins_with(name, start) && ends_with(name, end) && !contains(name, except) && has(name)) return true;
    }
    return false;
  }

 private:
  static bool begins_with_name(const char* entry, Text name) {
    for (std::size_t i = 0; i < name.size; ++i) {
      if (entry[i] != name.begin[i]) return false;  // also at its end
    }
    return entry[name.size] == '=';
  }

  const char* const* entries_;
};

// As the mesh's Go reads a boolean, and as people write one.
bool is_true(Text value) {
  return equal_ignoring_case(value, literal("1")) || equal_ignoring_case(value, literal("t")) ||
         equal_ignoring_case(value, literal("true")) || equal_ignoring_case(value, literal("yes")) ||
         equal_ignoring_case(value, literal("on"));
}

void say(Report& report, Text subject, Text sentence) {
  report.add(literal("Heroku Service Mesh Buildpack: "));
  report.add(subject);
  report.add(sentence);
  report.add(literal("\n"));
}

void check_ports(const Environment& environment, Text program_name, Report& report) {
  const Text app_port = environment.get(literal("APP_PORT"));
  if (app_port.size > 0 && equal(app_port, environment.get(literal("PORT")))) {
    say(report, literal("APP_PORT"),
        literal(" is the same as PORT. Behind the mesh the app has to listen on another port than the mesh, such as 3000."));
  }
  if (app_port.size == 0 && !ends_with(program_name, literal("-own-port"))) {
    say(report, literal("APP_PORT"),
        literal(
            " is not set. Unless the command that starts the mesh sets it, the mesh forwards requests to app.port of its "
            "YAML file, else to port 3000."));
  }
}

// Asks for the config vars that the mesh reads, while the doctor asks whether any add-on of a product is attached
// (is_addon_variable): a dyno fails without the former, an app's product shows in the latter.
void check_addon(const Environment& environment, Text token, Text url, Report& report) {
  const bool has_token = environment.has(token);
  const bool has_url = environment.has(url);
  const Text sentence = literal(" is not set. The mesh needs it and exits at startup; attach the add-on to the app.");
  if (!has_token) say(report, token, sentence);
  if (!has_url) say(report, url, sentence);
}

void check_bypass(const Environment& environment, Text name, Report& report) {
  if (is_true(environment.get(name))) {
    say(report, name, literal(" is set. The mesh lets every request through to the app unchecked."));
  }
}

}  // namespace

void Report::add(Text text) {
  for (std::size_t i = 0; i < text.size && size_ < kCapacity; ++i) text_[size_++] = text.begin[i];
}

void check(const char* program_path, const char* const* entries, Report& report) {
  const Environment environment(entries);
  const Text name = file_name(text_of(program_path));
  const bool is_integration = contains(name, literal("integration"));
  const bool is_applink = !is_integration && contains(name, literal("applink"));
  check_ports(environment, name, report);
  if (is_integration) {
    check_addon(environment, literal("HEROKU_INTEGRATION_TOKEN"), literal("HEROKU_INTEGRATION_API_URL"), report);
  }
  // Its attachments may have names of their own.
  if (is_applink && !environment.has_between(literal("HEROKU_APPLINK_"), literal("_API_URL"), literal("SERVICE_MESH"))) {
    check_addon(environment, literal("HEROKU_APPLINK_TOKEN"), literal("HEROKU_APPLINK_API_URL"), report);
  }
  if (!is_applink) check_bypass(environment, literal("HEROKU_INTEGRATION_SERVICE_MESH_BYPASS_ALL_ROUTES"), report);
  if (!is_integration) check_bypass(environment, literal("HEROKU_APPLINK_SERVICE_MESH_BYPASS_ALL_ROUTES"), report);
  if (equal_ignoring_case(environment.get(literal("GO_LOG")), literal("debug"))) {
    say(report, literal("GO_LOG"), literal(" is debug. The mesh then writes the tokens of requests into the app's log."));
  }
}

}  // namespace mesh::buildpack::run_check
