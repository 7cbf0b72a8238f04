#include "buildpack/doctor/servers.h"

#include <algorithm>
#include <array>

namespace mesh::buildpack::doctor {

using procfile::assigned_name;
using procfile::file_name;
using procfile::one_of;
using procfile::Token;
namespace {

using enum Untold;

constexpr std::string_view kViteFiles =
    "vite.config.js vite.config.mjs vite.config.ts vite.config.cjs vite.config.mts vite.config.cts";

constexpr std::string_view kSvelte = "package.json @sveltejs/adapter-node";
constexpr Server kSinatra{"sinatra", "", port_variable, 4567, "-p"};

constexpr std::array kServers = {
    // Python
    Server{"gunicorn", "", port_variable, 8000, "", "-b --bind", "", "-b 0.0.0.0:{}", "gunicorn.conf.py", "-c --config",
           "bind"},
    Server{"uvicorn", "", own_default, 8000, "--port", "", "UVICORN_PORT", "--port {}"},
    Server{"daphne", "", own_default, 8000, "-p --port", "-e --endpoint", "", "-p {}", "", "-u --fd"},
    Server{"hypercorn", "", own_default, 8000, "", "-b --bind", "", "-b 0.0.0.0:{}", "", "-c --config", "bind"},
    Server{"waitress-serve", "", own_default, 8080, "--port", "--listen", "", "--port={}", "", "--unix-socket"},
    Server{"waitress", "", own_default, 8080, "--port", "--listen", "", "--port={}", "", "--unix-socket"},
    Server{"flask", "run", own_default, 5000, "-p --port", "", "FLASK_RUN_PORT", "-p {}", ".flaskenv", "", "FLASK_RUN_PORT"},
    Server{"fastapi", "run dev", port_variable, 8000, "--port", "", "", "--port {}"},
    Server{"streamlit", "run", own_default, 8501, "--server.port", "", "STREAMLIT_SERVER_PORT", "--server.port {}",
           ".streamlit/config.toml", "", "port"},
    Server{"sanic", "", own_default, 8000, "-p --port", "", "", "-p {}"},
    Server{"granian", "", own_default, 8000, "--port", "", "GRANIAN_PORT", "--port {}"},
    Server{"manage.py", "runserver", own_default, 8000, "", "runserver", "", "0.0.0.0:{}"},
    Server{"django-admin", "runserver", own_default, 8000, "", "runserver", "", "0.0.0.0:{}"},
    Server{"http.server", "", own_default, 8000, "", "http.server", "", "{}"},
    // Ruby
    Server{"puma", "", own_default, 9292, "-p --port", "-b --bind", "", "-p {}", "config/puma/production.rb config/puma.rb",
           "-C --config", "port bind"},
    Server{"unicorn", "", own_default, 8080, "-p --port", "-l --listen", "", "-p {}", "", "-c --config-file", "listen"},
    Server{"unicorn_rails", "", own_default, 8080, "-p --port", "-l --listen", "", "-p {}", "", "-c --config-file",
           "listen"},
    Server{"thin", "start", own_default, 3000, "-p --port", "", "", "-p {}", "", "-C --config -S --socket", "port"},
    Server{"rackup", "", own_default, 9292, "-p --port", "", "", "-p {}", "config.ru"},
    Server{"rails", "server s", port_variable, 3000, "-p --port", "", "", "-p {}"},
    Server{"passenger", "start", own_default, 3000, "-p --port", "", "PASSENGER_PORT", "-p {}", "Passengerfile.json", "-S",
           "\"port\""},
    // With a port alone it talks HTTPS.
    Server{"falcon", "serve", own_default, 9292, "-p --port", "-b --bind", "", "-b http://0.0.0.0:{}", "", "", "", "", true},
    // Its program listens on TARGET_PORT.
    Server{"thrust", "", unknown, 0, "", "", "THRUSTER_HTTP_PORT HTTP_PORT", "", "", "", "", "", true},
    // Perl
    Server{"plackup", "", own_default, 5000, "-p --port", "", "", "-p {}", "", "-l --listen -s --server"},
    // PHP
    Server{"heroku-php-apache2", "", port_variable, 0, "-p"},
    Server{"heroku-php-nginx", "", port_variable, 0, "-p"},
    Server{"php", "-S", own_default, 0, "", "-S"},
    Server{"artisan", "serve", own_default, 8000, "--port", "", "SERVER_PORT", "--port={}"},
    Server{"start-nginx", "", port_variable, 0, "", "", "", "", "config/nginx.conf.erb", "", "listen"},
    // Node.js, Bun, Deno
    Server{"next", "start dev", port_variable, 3000, "-p --port", "", "", "-p {}"},
    Server{"nuxt", "start dev preview", port_variable, 3000, "-p --port", "", "NUXT_PORT NITRO_PORT"},
    Server{"/.output/server/index.mjs", "", port_variable, 3000, "", "", "NITRO_PORT"},
    Server{"/build", "", port_variable, 3000, "", "", "", "", "svelte.config.js", "", "envPrefix", kSvelte},
    Server{"/build/index.js", "", port_variable, 3000, "", "", "", "", "svelte.config.js", "", "envPrefix", kSvelte},
    Server{"/dist/server/entry.mjs", "", port_variable, 4321, "", "", "", "",
           "astro.config.mjs astro.config.ts astro.config.js", "", "middleware", "package.json @astrojs/node"},
    Server{"serve", "", port_variable, 3000, "-p", "-l --listen", "", "-l {}"},
    Server{"http-server", "", port_variable, 8080, "-p --port", "", "", "-p {}"},
    Server{"fastify", "start", port_variable, 3000, "-p --port", "", "FASTIFY_PORT", "-p {}"},
    // A section of the file, a shared base and some plugins can set the port, so a file that names one makes it unknown.
    Server{"vite", "preview", own_default, 4173, "--port", "", "", "--port {}", kViteFiles, "-c --config preview",
           "preview ... mergeConfig vike rails ruby laravel"},
    Server{"vite", "dev serve", own_default, 5173, "--port", "", "", "--port {}", kViteFiles, "-c --config dev serve",
           "server ... mergeConfig vike rails ruby laravel"},
    Server{"vite", "build optimize", unknown, 0},
    Server{"vite", "", own_default, 5173, "--port", "", "", "--port {}", kViteFiles, "-c --config vite",
           "server ... mergeConfig vike rails ruby laravel"},
    Server{"webpack", "serve", own_default, 8080, "--port", "", "", "--port {}", "webpack.config.js", "-c --config", "port"},
    Server{"json-server", "", own_default, 3000, "-p --port", "", "", "-p {}"},
    Server{"react-scripts", "start", port_variable, 3000},
    Server{"remix-serve", "", port_variable, 3000},
    Server{"react-router-serve", "", port_variable, 3000},
    // Since version 22 PORT counts more than the flag.
    Server{"ng", "serve s dev", own_default, 4200, "--port", "", "", "", "angular.json", "", "\"port\"", "", true},
    Server{"bun", "", unknown, 0},
    Server{"deno", "serve", own_default, 8000, "--port", "", "", "--port {}"},
    // The JVM and .NET
    Server{"webapp-runner.jar", "", own_default, 8080, "--port", "", "", "--port {}"},
    Server{"java", "", unknown, 0, "-Dserver.port= -Dhttp.port= -Dquarkus.http.port= -Dmicronaut.server.port= --server.port",
           "", "SERVER_PORT QUARKUS_HTTP_PORT MICRONAUT_SERVER_PORT"},
    Server{"dotnet", "", unknown, 0, "", "--urls", "ASPNETCORE_URLS DOTNET_URLS ASPNETCORE_HTTP_PORTS DOTNET_HTTP_PORTS",
           "--urls http://0.0.0.0:{}"},
    // Caddy
    Server{"caddy", "run", unknown, 0, "", "", "", "", "Caddyfile", "-c --config"},
    Server{"caddy", "file-server", own_default, 80, "", "--listen", "", "--listen :{}"},
    // Elixir
    Server{"/_build/prod/rel/", "", port_variable, 4000, "", "", "", "", "config/runtime.exs", "", kWholeFile,
           "config/runtime.exs PORT"},
    Server{"mix", "phx.server", port_variable, 4000, "", "", "", "", "config/runtime.exs", "", kWholeFile},
    Server{"node", "", unknown, 0},
};

// A flag that looks like one for the port, and the servers that have no such flag.
struct UnknownFlag {
  std::string_view flag;
  std::string_view programs;
};

constexpr std::array kUnknownFlags = {
    UnknownFlag{"-p", "uvicorn waitress-serve waitress streamlit manage.py django-admin granian fastapi vite"},
    UnknownFlag{"--port", "gunicorn hypercorn streamlit manage.py django-admin http.server serve"},
    UnknownFlag{"-b", "thin"},
};

// Servers that exit with a usage error on a flag without its value; others ignore it.
constexpr std::string_view kStrictParsers =
    "gunicorn uvicorn daphne hypercorn waitress-serve waitress flask fastapi streamlit sanic granian puma unicorn "
    "unicorn_rails thin rackup rails passenger next serve vite webpack webapp-runner.jar";

// Programs that start the one behind them.
struct Starter {
  std::string_view programs;
  std::string_view verbs = {};         // one of them must follow
  std::string_view valued_flags = {};  // whose value is the next word
  bool verb_is_optional = false;
};

constexpr std::array kStarters = {
    Starter{"exec", "", "-a"},
    Starter{"nohup command setsid dumb-init ddtrace-run opentelemetry-instrument bunx pnpx cross-env jemalloc.sh "
            "start-pgbouncer start-pgbouncer-stunnel start-stunnel"},
    Starter{"env", "", "-u --unset -C --chdir"},
    Starter{"nice stdbuf tini npx", "", "-n -i -o -e -p --package"},
    Starter{"newrelic-admin", "run-program"},
    Starter{"bundle", "exec"},
    Starter{"npm", "exec x"},
    Starter{"yarn pnpm", "run exec dlx", "", true},
    Starter{"poetry pipenv pdm hatch rye doppler", "run"},
    Starter{"uv", "run", "--with --python -p --env-file --extra --group"},
    Starter{"dotenv", "run", "-e -f -c", true},
};

constexpr std::string_view kInterpreters =
    "python python2 python3 node nodejs ruby php perl java tsx ts-node ts-node-dev babel-node nodemon";
constexpr std::string_view kValuedFlags = "-r --require --import --loader -W -X -I -d -c -P --project --tsconfig -w --watch";
constexpr std::string_view kShells = "sh bash dash ash zsh ksh";
constexpr std::string_view kRunners =
    "make just task rake foreman honcho forego overmind hivemind heroku docker docker-compose supervisord circusd s6-svscan "
    "runsvdir pm2 pm2-runtime forever concurrently run-p run-s npm-run-all turbo nx lerna gulp grunt lein sbt mvn mvnw "
    "gradle gradlew parallel xargs composer poe invoke inv nox tox doit su sudo gosu script";

// Directories of programs that are installed for the app, and programs that are known in the app's own "bin" as well.
constexpr std::string_view kInstalled =
    "node_modules/.bin vendor/bin .venv/bin venv/bin env/bin python/bin usr/bin local/bin";
constexpr std::string_view kBinstubs =
    "rails puma unicorn thin rackup thrust falcon manage.py artisan start-nginx jemalloc.sh webapp-runner.jar";

// Whether a word names the program of this name, and not a file of the app that happens to have the same.
bool names_installed_program(std::string_view word) {
  const std::string_view name = file_name(word);
  if (name.size() == word.size() || one_of(name, kBinstubs) || name.starts_with("start-")) return true;
  const std::string_view directory = word.substr(0, word.size() - name.size() - 1);
  if (directory.find("node_modules/") != std::string_view::npos) return true;
  const std::size_t parent = directory.rfind('/', directory.rfind('/') - 1);
  return one_of(directory.substr(parent == std::string_view::npos ? 0 : parent + 1), kInstalled);
}

bool names_server(std::string_view word, const Server& server) {
  if (!server.program.starts_with('/')) return server.program == file_name(word) && names_installed_program(word);
  const std::string path = "/" + procfile::path_in_app(word, "").value_or("");
  return server.program.ends_with('/') ? path.find(server.program) != std::string::npos : path.ends_with(server.program);
}

// Whether a word is the server's subcommand and not the value of the flag before it.
bool is_subcommand(const std::vector<Token>& words, std::size_t at, const Server& server) {
  const std::string& before = words[at - 1].value;
  const bool may_be_value = before.starts_with("-") && before.find('=') == std::string::npos;
  return !may_be_value && one_of(words[at].value, server.subcommand);
}

void find_server(const std::vector<Token>& words, std::size_t program, Started& started) {
  constexpr std::size_t kMaxAhead = 6;  // of the program is its subcommand
  const std::size_t end = std::min(words.size(), program + kMaxAhead);
  for (const Server& server : kServers) {
    if (!names_server(words[program].value, server)) continue;
    std::size_t i = program + 1;
    while (!server.subcommand.empty() && i < end && !is_subcommand(words, i, server)) ++i;
    if (!server.subcommand.empty() && i++ >= end) continue;
    started.server = &server;
    started.arguments = i;
    return;
  }
}

// The word behind the starter at this one and its flags; nullopt if there is no starter, or it starts no program.
std::optional<std::size_t> behind_starter(const std::vector<Token>& words, std::size_t at, std::vector<Token>& assignments) {
  const std::string_view name = file_name(words[at].value);
  const auto found = std::ranges::find_if(kStarters, [&](const Starter& each) { return one_of(name, each.programs); });
  if (found == kStarters.end()) return std::nullopt;
  const Starter& starter = *found;
  bool needs_verb = !starter.verbs.empty();
  std::size_t i = at + 1;
  for (; i < words.size(); ++i) {
    const std::string& word = words[i].value;
    if (one_of(name, "env cross-env") && assigned_name(words[i])) {
      assignments.push_back(words[i]);
    } else if (word.size() > 1 && word.starts_with('-')) {
      const bool has_value = one_of(word, starter.valued_flags) && i + 1 < words.size();
      const bool drops_port = word == "-i" || (has_value && words[i + 1].value == "PORT");
      if (name == "env" && drops_port) assignments.push_back(procfile::plain_word("PORT="));
      if (has_value) ++i;
    } else if (needs_verb && one_of(word, starter.verbs)) {
      needs_verb = false;
    } else {
      break;
    }
  }
  return needs_verb && !starter.verb_is_optional ? std::nullopt : std::optional(i);
}

// The file that an interpreter runs, or the module of "python -m": a word behind its flags.
std::size_t interpreted(const std::vector<Token>& words, std::size_t at) {
  for (std::size_t i = at + 1; i < words.size(); ++i) {
    const std::string& word = words[i].value;
    if (word == "-m" && file_name(words[at].value).starts_with("python")) return std::min(i + 1, words.size());
    if (!word.starts_with('-') && !word.starts_with('$')) return i;
    if (one_of(word, kValuedFlags)) ++i;
  }
  return words.size();
}

}  // namespace

bool is_unknown_port_flag(const Server& server, std::string_view flag) {
  const auto row = std::ranges::find(kUnknownFlags, flag, &UnknownFlag::flag);
  return row != kUnknownFlags.end() && one_of(server.program, row->programs);
}

bool needs_value(const Server& server, std::string_view flag) {
  return one_of(server.program, kStrictParsers) && flag.starts_with('-') &&
         (one_of(flag, server.port_flags) || one_of(flag, server.address_flags));
}

bool starts_unknown_programs(std::string_view program) { return one_of(file_name(program), kRunners); }

bool is_shell(std::string_view program) { return one_of(file_name(program), kShells); }

Started started_program(const std::vector<Token>& words) {
  Started started;
  std::size_t i = 0;
  while (i < words.size()) {
    const auto behind = behind_starter(words, i, started.assignments);
    if (!behind) break;
    i = *behind;
  }
  started.program = started.file = i;
  started.arguments = std::min(i + 1, words.size());
  if (i >= words.size()) return started;
  const std::string_view program = file_name(words[i].value);
  if (is_shell(program)) {
    for (std::size_t k = i + 1; k + 1 < words.size() && words[k].value.starts_with('-'); ++k) {
      if (words[k].value.ends_with('c')) started.script = words[k + 1].value;
    }
    return started;
  }
  find_server(words, i, started);
  const bool is_known = started.server != nullptr && !started.server->subcommand.empty();
  if (is_known || !one_of(program.substr(0, program.find('.')), kInterpreters)) return started;
  started.file = interpreted(words, i);
  if (started.file >= words.size()) return started;
  Started inner = started;
  inner.server = nullptr;
  find_server(words, started.file, inner);
  if (inner.server == nullptr) return started;
  inner.program = started.file;
  return inner;
}

const Server* server_in_app(const procfile::Command& command, const Started& started, const procfile::App& app) {
  const auto read = [&](std::string_view file) {
    const auto path = procfile::path_in_app(file, command.directory);
    return path ? app.read(*path).value_or("") : "";
  };
  if (started.server != nullptr && !started.server->needs.empty()) {
    const std::size_t space = started.server->needs.find(' ');
    const std::string_view word = started.server->needs.substr(space + 1);
    return read(started.server->needs.substr(0, space)).find(word) == std::string::npos ? nullptr : started.server;
  }
  const bool is_ruby = started.file < command.words.size() && command.words[started.file].value.ends_with(".rb");
  if (started.server != nullptr || !is_ruby) return started.server;
  const std::string source = read(command.words[started.file].value);
  const bool is_classic =
      source.find("require 'sinatra'") != std::string::npos || source.find("require \"sinatra\"") != std::string::npos;
  return is_classic ? &kSinatra : nullptr;
}

}  // namespace mesh::buildpack::doctor
