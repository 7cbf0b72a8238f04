// Findings of the doctor in Procfiles and in the files that they start.
#include "buildpack/doctor/doctor.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "buildpack/doctor/rendering.h"
#include "support/cpp/doctored_app.h"

namespace mesh::buildpack::doctor {

using procfile::App;
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kIntegration = "heroku-integration-service-mesh";
constexpr std::string_view kApplink = "heroku-applink-service-mesh";

// A Procfile's command with "MESH" for the program of the product.
std::string filled(std::string command, Product product) {
  for (std::size_t at = command.find("MESH"); at != std::string::npos; at = command.find("MESH", at + 1)) {
    const bool word = at == 0 || command[at - 1] != '_';
    if (word) command.replace(at, 4, product == Product::integration ? kIntegration : kApplink);
  }
  return command;
}

DoctoredApp app_with(const std::string& procfile, Product product = Product::integration) {
  return {.files = {{"Procfile", filled(procfile, product) + "\n"}}, .product = product};
}

struct Valid {
  Product product;
  std::string command;
  bool port_in_config = false;
};

// NOLINTNEXTLINE(readability-identifier-naming): the name is googletest's
void PrintTo(const Valid& valid, std::ostream* out) { *out << name(valid.product) << ": " << valid.command; }

class EveryValidForm : public testing::TestWithParam<Valid> {};

INSTANTIATE_TEST_SUITE_P(
    Doctor, EveryValidForm,
    testing::Values(
        Valid{Product::integration, "APP_PORT=3000 MESH npm start"},
        Valid{Product::integration, "APP_PORT=3000 MESH pnpm start"},
        Valid{Product::integration, "APP_PORT=3000 MESH node server.js"},
        Valid{Product::integration, "APP_PORT=3000 MESH python app.py"},
        Valid{Product::integration, "APP_PORT=3000 MESH java $JAVA_OPTS -jar target/x.jar"},
        Valid{Product::integration, "APP_PORT=3000 MESH java $JAVA_OPTS -jar target/x.jar --spring.profiles.active=web"},
        Valid{Product::integration, "APP_PORT=${APP_PORT:-3000} MESH node server.js"},
        Valid{Product::integration, "MESH npm start", true},
        Valid{Product::integration, "APP_PORT=3000 MESH python manage.py runserver --noreload 0:3000"},
        Valid{Product::integration, "APP_PORT=3000 MESH npm start -- --port 3000"},
        Valid{Product::integration, "APP_PORT=8080 exec MESH gunicorn -w 2 --bind 0.0.0.0:8080 app:app"},
        Valid{Product::integration, "export APP_PORT=3000 && MESH uvicorn app:app --port $APP_PORT"},
        Valid{Product::integration, "export APP_PORT=3000 && cd api && exec MESH node server.js"},
        Valid{Product::integration,
              "APP_PORT=3000 MESH sh -c 'cd api && export PORT=$APP_PORT && npm start -- --port $PORT'"},
        Valid{Product::integration, "APP_PORT=3000 vendor/heroku-integration/bin/MESH node server.js 2>&1"},
        Valid{Product::integration, "APP_PORT=3000 MESH env PORT=3000 npm start"},
        Valid{Product::integration, "env APP_PORT=3000 MESH npm start"},
        Valid{Product::integration, "npm run migrate && APP_PORT=3000 MESH npm start || exit 1"},
        Valid{Product::integration, "APP_PORT=3000 MESH java -Dspring.datasource.url=jdbc:db://host:5432/x -jar x.jar"},
        Valid{Product::integration, "bash -c 'APP_PORT=3000 MESH npm start'"},
        Valid{Product::integration, "exec bash -c 'APP_PORT=3000 MESH npm start'"},
        Valid{Product::applink, "APP_PORT=3000 MESH npm start"}, Valid{Product::applink, "MESH npm start", true},
        Valid{Product::applink, "APP_PORT=3000 MESH-latest-amd64 pnpm start"},
        Valid{Product::applink, "APP_PORT=3000 MESH-latest-amd64 /app/startup.sh"},
        Valid{Product::applink, "APP_PORT=3000 MESH -- java $JAVA_OPTS -jar target/app.jar"},
        Valid{Product::applink, "MESH --port $PORT -- uvicorn app.main:app --host 0.0.0.0 --port 3000"},
        Valid{Product::applink,
              "export APP_PORT=3000 && MESH-latest-amd64 --port $PORT -- uvicorn main:app --port=$APP_PORT"}));

TEST_P(EveryValidForm, HasNoFinding) {
  DoctoredApp app = app_with("web: " + GetParam().command, GetParam().product);
  if (GetParam().port_in_config) app.config["APP_PORT"] = "3000";
  EXPECT_THAT(app.found(), IsEmpty()) << GetParam().command;
  EXPECT_EQ(app.examine().web, WebProcess::wrapped);
}

TEST_P(EveryValidForm, HasNoFindingWithoutConfigVars) {
  DoctoredApp app = app_with("web: " + GetParam().command, GetParam().product);
  app.config_known = false;
  EXPECT_THAT(app.found(), IsEmpty()) << GetParam().command;
}

struct Mistake {
  std::string id;
  Product product;
  std::string command;
  std::string suggestion;  // without "web: "; empty if the doctor gives none
};

// NOLINTNEXTLINE(readability-identifier-naming): the name is googletest's
void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.id << ": " << mistake.command; }

class EveryMistake : public testing::TestWithParam<Mistake> {};

constexpr Product kInt = Product::integration;
constexpr Product kApp = Product::applink;

INSTANTIATE_TEST_SUITE_P(
    Doctor, EveryMistake,
    testing::Values(
        Mistake{"mesh-not-used", kInt, "npm start", "APP_PORT=3000 MESH env PORT=3000 npm start"},
        Mistake{"mesh-not-used", kInt, "APP_PORT=4000 exec node x.js", "APP_PORT=4000 exec MESH env PORT=4000 node x.js"},
        Mistake{"mesh-not-used", kInt, "cd api && npm start", "cd api && APP_PORT=3000 MESH env PORT=3000 npm start"},
        Mistake{"mesh-not-used", kInt, "gunicorn --bind 0.0.0.0:$PORT app:app",
                "APP_PORT=3000 MESH gunicorn --bind 0.0.0.0:3000 app:app"},
        Mistake{"mesh-not-used", kApp, "java -jar x.jar",
                "APP_PORT=3000 MESH -- env PORT=3000 SERVER_PORT=3000 java -jar x.jar"},
        Mistake{"mesh-not-used", kInt, "echo heroku-integration-service-mesh && npm start", ""},
        Mistake{"mesh-not-used", kInt, "npm start || exit 1", ""},
        Mistake{"mesh-not-used", kInt, "node a.js & node b.js; wait", ""},
        Mistake{"mesh-not-used", kInt, "nice -n 5 node x.js", "APP_PORT=3000 MESH env PORT=3000 nice -n 5 node x.js"},
        Mistake{"mesh-not-used", kApp, "exec env A=b node x.js", "APP_PORT=3000 exec MESH env PORT=3000 A=b node x.js"},
        Mistake{"mesh-not-used", kInt, "vendor\\bin\\MESH npm start", ""},
        Mistake{"double-key", kInt, "web: APP_PORT=3000 MESH npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"double-key", kInt, "web: npm start", "APP_PORT=3000 MESH env PORT=3000 npm start"},
        Mistake{"wrong-product-name", kInt, "APP_PORT=3000 heroku-applink-service-mesh npm start",
                "APP_PORT=3000 MESH npm start"},
        Mistake{"wrong-product-name", kApp, "APP_PORT=3000 heroku-integration-service-mesh java -jar x.jar",
                "APP_PORT=3000 MESH -- java -jar x.jar"},
        Mistake{"arch-in-name", kApp, "APP_PORT=3000 MESH-latest-arm64 npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"arch-in-name", kApp, "APP_PORT=3000 MESH-v1.2.3-amd64 npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"arch-in-name", kInt, "APP_PORT=3000 MESH-latest-arm64 npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"no-command", kInt, "APP_PORT=3000 MESH", ""},
        Mistake{"no-command", kApp, "APP_PORT=3000 MESH --port $PORT", ""},
        Mistake{"no-command", kInt, "node server.js & APP_PORT=3000 MESH", ""},
        Mistake{"dashdash-on-integration", kInt, "APP_PORT=3000 MESH -- java -jar x.jar",
                "APP_PORT=3000 MESH java -jar x.jar"},
        Mistake{"mesh-flag-on-integration", kInt, "APP_PORT=3000 MESH --port $PORT -- uvicorn a:b --port 3000",
                "APP_PORT=3000 MESH uvicorn a:b --port 3000"},
        Mistake{"missing-dashdash-on-applink", kApp, "APP_PORT=3000 MESH java $JAVA_OPTS -jar x.jar",
                "APP_PORT=3000 MESH -- java $JAVA_OPTS -jar x.jar"},
        Mistake{"missing-dashdash-on-applink", kApp, "APP_PORT=8000 MESH --port $PORT uvicorn a:b --reload",
                "APP_PORT=8000 MESH --port $PORT -- uvicorn a:b --reload"},
        Mistake{"quoted-command", kInt, "APP_PORT=3000 MESH \"npm start\"", "APP_PORT=3000 MESH npm start"},
        Mistake{"quoted-command", kApp, "APP_PORT=3000 MESH 'cd a && npm start'", ""},
        Mistake{"assignment-after-mesh", kInt, "MESH APP_PORT=3000 npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"shell-op-after-mesh", kInt, "APP_PORT=3000 MESH cd api && npm start", ""},
        Mistake{"assignment-after-mesh", kInt, "cd a && exec MESH APP_PORT=3000 A=b npm start",
                "cd a && APP_PORT=3000 A=b exec MESH npm start"},
        Mistake{"shell-op-after-mesh", kInt, "APP_PORT=3000 MESH source .env && npm start", ""},
        Mistake{"shell-op-after-mesh", kInt, "APP_PORT=3000 MESH npm run build; npm start", ""},
        Mistake{"shell-op-after-mesh", kInt, "APP_PORT=3000 MESH npm run build && node server.js", ""},
        Mistake{"shell-op-after-mesh", kInt, "APP_PORT=3000 MESH python manage.py migrate && gunicorn -b :$PORT a:b", ""},
        Mistake{"shell-op-after-mesh", kInt, "APP_PORT=3000 MESH exec npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"nested-mesh", kInt, "APP_PORT=3000 MESH MESH npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"background-mesh", kInt, "APP_PORT=3000 MESH npm start &", ""},
        Mistake{"daemonized-app", kInt, "APP_PORT=3000 MESH pm2 start app.js", ""},
        Mistake{"daemonized-app", kInt, "APP_PORT=3000 MESH gunicorn -b :3000 a:b --daemon", ""},
        Mistake{"expansion-before-assignment", kInt, "APP_PORT=3000 MESH uvicorn a:b --port $APP_PORT",
                "APP_PORT=3000 MESH uvicorn a:b --port 3000"},
        Mistake{"expansion-before-assignment", kInt, "A=b env APP_PORT=3000 MESH uvicorn a:b --port $APP_PORT",
                "A=b APP_PORT=3000 MESH uvicorn a:b --port 3000"},
        Mistake{"same-port", kInt, "APP_PORT=3000 MESH uvicorn a:b --port $PORT",
                "APP_PORT=3000 MESH uvicorn a:b --port 3000"},
        Mistake{"same-port", kInt, "APP_PORT=3000 MESH java -Dserver.port=${PORT} -jar x.jar",
                "APP_PORT=3000 MESH java -Dserver.port=3000 -jar x.jar"},
        Mistake{"same-port", kInt, "APP_PORT=8000 MESH gunicorn -b \"0.0.0.0:$PORT\" a",
                "APP_PORT=8000 MESH gunicorn -b \"0.0.0.0:8000\" a"},
        Mistake{"same-port", kInt, "export APP_PORT=3000 && MESH serve -p $PORT",
                "export APP_PORT=3000 && MESH serve -p $APP_PORT"},
        Mistake{"same-port", kInt, "APP_PORT=$PORT MESH npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"same-port", kInt, "APP_PORT=3000 MESH sh -c 'serve -p $PORT'", ""},
        Mistake{"same-port", kInt, "APP_PORT=3000 MESH gunicorn a:b", "APP_PORT=3000 MESH gunicorn -b 0.0.0.0:3000 a:b"},
        Mistake{"same-port", kInt, "APP_PORT=3000 MESH bin/app -port $PORT", "APP_PORT=3000 MESH bin/app -port 3000"},
        Mistake{"same-port", kApp, "APP_PORT=3000 MESH -- bin/rails s -e production",
                "APP_PORT=3000 MESH -- bin/rails s -p 3000 -e production"},
        Mistake{"same-port", kInt, "APP_PORT=3000 MESH vendor/bin/heroku-php-apache2 public/",
                "APP_PORT=3000 MESH env PORT=3000 vendor/bin/heroku-php-apache2 public/"},
        Mistake{"unknown-port-flag", kInt, "APP_PORT=3000 MESH uvicorn app:app -p 8000",
                "APP_PORT=3000 MESH uvicorn --port 3000 app:app"},
        Mistake{"unknown-port-flag", kInt, "APP_PORT=3000 MESH gunicorn --port=$PORT app:app",
                "APP_PORT=3000 MESH gunicorn -b 0.0.0.0:3000 app:app"},
        Mistake{"unknown-port-flag", kApp, "APP_PORT=3000 MESH -- npx serve -s build --port 3000",
                "APP_PORT=3000 MESH -- npx serve -l 3000 -s build"},
        Mistake{"unknown-port-flag", kInt, "APP_PORT=3000 MESH python manage.py runserver --port 3000",
                "APP_PORT=3000 MESH python manage.py runserver 0.0.0.0:3000"},
        Mistake{"mesh-port", kInt, "APP_PORT=3000 PORT=3000 MESH npm start", "APP_PORT=3000 MESH env PORT=3000 npm start"},
        Mistake{"mesh-port", kInt, "PORT=3000 A=b exec MESH npm start",
                "APP_PORT=3000 A=b exec MESH env PORT=3000 npm start"},
        Mistake{"mesh-port", kApp, "APP_PORT=3000 PORT=3000 MESH -- npm start",
                "APP_PORT=3000 MESH -- env PORT=3000 npm start"},
        Mistake{"mesh-port", kInt, "export PORT=3000 APP_PORT=3000 && MESH npm start", ""},
        Mistake{"mesh-port", kApp, "APP_PORT=3000 MESH --port $APP_PORT -- npm start",
                "APP_PORT=3000 MESH -- env PORT=3000 npm start"},
        Mistake{"mesh-port", kApp, "export APP_PORT=3000 && MESH --port $APP_PORT -- npm start",
                "export APP_PORT=3000 && MESH -- env PORT=$APP_PORT npm start"},
        Mistake{"mesh-misspelled", kApp, "APP_PORT=3000 heroku_applink_service_mesh npm start",
                "APP_PORT=3000 MESH npm start"},
        Mistake{"mesh-misspelled", kApp, "APP_PORT=3000 applink-service-mesh npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"mesh-misspelled", kApp, "APP_PORT=3000 Heroku-AppLink-Service-Mesh: npm start",
                "APP_PORT=3000 MESH npm start"},
        Mistake{"mesh-misspelled", kInt, "APP_PORT=3000 heroku-service-mesh npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"mesh-path", kApp, "APP_PORT=3000 ./bin/MESH npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"mesh-path", kInt, "APP_PORT=3000 /usr/local/bin/MESH npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"mesh-path", kApp, "APP_PORT=3000 exec /MESH -- npm start", "APP_PORT=3000 exec MESH -- npm start"},
        Mistake{"mesh-behind-npx", kInt, "APP_PORT=3000 npx MESH npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"mesh-behind-npx", kApp, "APP_PORT=3000 exec npx -y MESH-latest-amd64 -- npm start",
                "APP_PORT=3000 exec MESH-latest-amd64 -- npm start"},
        Mistake{"mesh-behind-npx", kApp, "APP_PORT=3000 npm exec -- MESH -- npm start", "APP_PORT=3000 MESH -- npm start"},
        Mistake{"mesh-behind-npx", kInt, "APP_PORT=3000 yarn dlx MESH npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"mesh-misspelled", kApp, "APP_PORT=3000 heroku applink service mesh npm start",
                "APP_PORT=3000 MESH npm start"},
        Mistake{"mesh-misspelled", kInt, "APP_PORT=3000 heroku integration:service-mesh npm start",
                "APP_PORT=3000 MESH npm start"},
        Mistake{"mesh-misspelled", kInt, "APP_PORT=3000 exec heroku:integration:service:mesh npm start",
                "APP_PORT=3000 exec MESH npm start"},
        Mistake{"mesh-misspelled", kApp, "APP_PORT=3000 MESH-buildpack npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"windows-syntax", kInt, "set APP_PORT=8000 && MESH uvicorn a:b --port %APP_PORT%",
                "export APP_PORT=8000 && MESH uvicorn a:b --port $APP_PORT"},
        Mistake{"windows-syntax", kApp, "APP_PORT=3000 MESH --port %PORT% -- npm start",
                "APP_PORT=3000 MESH --port $PORT -- npm start"},
        Mistake{"windows-syntax", kInt, "APP_PORT=3000 MESH gunicorn -b 0.0.0.0:%PORT% a:b",
                "APP_PORT=3000 MESH gunicorn -b 0.0.0.0:3000 a:b"},
        Mistake{"windows-syntax", kInt, "uvicorn a:b --port %PORT%", "APP_PORT=3000 MESH uvicorn a:b --port 3000"},
        Mistake{"docker-syntax", kInt, "CMD [\"MESH\", \"node\", \"index.js\"]", ""},
        Mistake{"docker-syntax", kInt, "[\"MESH\", \"npm\", \"start\"]", ""},
        Mistake{"docker-syntax", kInt, "CMD npm start", ""},
        Mistake{"flag-value-missing", kInt, "APP_PORT=3000 MESH uvicorn a:b --port",
                "APP_PORT=3000 MESH uvicorn --port 3000 a:b"},
        Mistake{"flag-value-missing", kApp, "APP_PORT=3000 MESH -- gunicorn a:b --bind",
                "APP_PORT=3000 MESH -- gunicorn -b 0.0.0.0:3000 a:b"},
        Mistake{"flag-value-missing", kInt, "APP_PORT=3000 MESH bundle exec puma -p -t 5:5",
                "APP_PORT=3000 MESH bundle exec puma -p 3000 -t 5:5"},
        Mistake{"flag-value-missing", kApp, "APP_PORT=3000 MESH --port -- npm start", "APP_PORT=3000 MESH -- npm start"},
        Mistake{"flag-value-missing", kApp, "APP_PORT=3000 MESH -p npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"malformed-assignment", kInt, "APP_PORT = 3000 MESH npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"malformed-assignment", kInt, "APP_PORT =3000 MESH npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"malformed-assignment", kInt, "APP_PORT= 3000 MESH npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"malformed-assignment", kInt, "APP_PORT:3000 A=b MESH npm start", "APP_PORT=3000 A=b MESH npm start"},
        Mistake{"malformed-assignment", kInt, "APP_PORT: 3000 MESH npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"export-without-and", kApp, "export APP_PORT=3000 A=b MESH npm start", "APP_PORT=3000 A=b MESH npm start"},
        Mistake{"assignment-on-another-command", kApp, "APP_PORT=4000 cd api && MESH -- uvicorn app:app --port 4000",
                "cd api && APP_PORT=4000 MESH -- uvicorn app:app --port 4000"},
        Mistake{"long-dash", kApp, "APP_PORT=3000 MESH \u2014 java -jar x.jar", "APP_PORT=3000 MESH -- java -jar x.jar"},
        Mistake{"long-dash", kApp, "APP_PORT=3000 MESH -- uvicorn a:b \u2013port 3000",
                "APP_PORT=3000 MESH -- uvicorn a:b --port 3000"},
        Mistake{"no-break-space", kInt, "APP_PORT=3000\u00a0MESH npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"curly-quotes", kInt, "APP_PORT=3000 A=b MESH node \u201cx y.js\u201d",
                "APP_PORT=3000 A=b MESH node \"x y.js\""},
        Mistake{"app-port-unset", kInt, "MESH npm start", "APP_PORT=3000 MESH npm start"},
        Mistake{"app-port-not-exported", kInt, "APP_PORT=4000; MESH npm start", "export APP_PORT=4000; MESH npm start"},
        Mistake{"app-port-mismatch", kInt, "APP_PORT=40000 cd a && APP_PORT=3; MESH thin start -p 40000",
                "cd a && APP_PORT=3; APP_PORT=40000 MESH thin start -p 40000"},
        Mistake{"app-port-not-exported", kInt, "A=b; APP_PORT=3000; cd api && exec MESH npm start",
                "A=b; export APP_PORT=3000; cd api && exec MESH npm start"},
        Mistake{"app-port-not-exported", kApp, "APP_PORT=4000; MESH uvicorn a:b",
                "export APP_PORT=4000; MESH -- uvicorn --port $APP_PORT a:b"},
        Mistake{"app-port-mismatch", kInt, "APP_PORT=3000 MESH uvicorn a:b --port 8080",
                "APP_PORT=8080 MESH uvicorn a:b --port 8080"},
        Mistake{"app-port-mismatch", kInt, "MESH uvicorn a:b --port=8080", "APP_PORT=8080 MESH uvicorn a:b --port=8080"},
        Mistake{"app-port-mismatch", kInt, "APP_PORT=3000 MESH npx vite --host",
                "APP_PORT=3000 MESH npx vite --port 3000 --host"},
        Mistake{"app-port-mismatch", kInt, "APP_PORT=3000 MESH vite dev", "APP_PORT=3000 MESH vite dev --port 3000"},
        Mistake{"app-port-mismatch", kInt, "APP_PORT=3000 MESH vite preview", "APP_PORT=3000 MESH vite preview --port 3000"},
        Mistake{"same-port", kInt, "APP_PORT=3000 MESH vite --port $PORT", "APP_PORT=3000 MESH vite --port 3000"},
        Mistake{"unknown-port-flag", kInt, "APP_PORT=3000 MESH vite -p 3000", "APP_PORT=3000 MESH vite --port 3000"},
        Mistake{"app-port-mismatch", kInt, "export APP_PORT=3000 && MESH puma -p 9292",
                "export APP_PORT=3000 && APP_PORT=9292 MESH puma -p 9292"},
        Mistake{"app-port-mismatch", kInt, "APP_PORT=3000 MESH uvicorn a:b", "APP_PORT=3000 MESH uvicorn --port 3000 a:b"},
        Mistake{"app-port-mismatch", kInt, "APP_PORT=3000 MESH puma -p8080", "APP_PORT=8080 MESH puma -p8080"},
        Mistake{"app-port-mismatch", kInt, "APP_PORT=3000 MESH python manage.py runserver 8000",
                "APP_PORT=8000 MESH python manage.py runserver 8000"}));

TEST_P(EveryMistake, ReportsLocationAndSuggestion) {
  const DoctoredApp app = app_with("web: " + GetParam().command, GetParam().product);
  EXPECT_THAT(app.found(), Contains(GetParam().id + " Procfile:1")) << GetParam().command;
  const std::string suggestion =
      GetParam().suggestion.empty() ? "" : "web: " + filled(GetParam().suggestion, GetParam().product);
  EXPECT_EQ(app.suggestion_for(GetParam().id), suggestion);
}

TEST_P(EveryMistake, IsFixedByItsSuggestion) {
  if (GetParam().suggestion.empty()) return;
  DoctoredApp app = app_with("web: " + GetParam().suggestion, GetParam().product);
  EXPECT_THAT(app.found(), IsEmpty()) << GetParam().suggestion;
}

TEST(Doctor, HasNoFalsePositives) {
  for (const std::string command : {"APP_PORT=3000 MESH npm start & wait",
                                    "APP_PORT=3000 MESH npm start -p db:5432",
                                    "APP_PORT=3000 MESH node x.js --redis localhost:6379 --public-url http://x:8080",
                                    "APP_PORT=3000 MESH '/app/my program' start",
                                    "APP_PORT=3000 MESH pm2-runtime start x.js",
                                    "APP_PORT=3000 JAVA_OPTS=-Xmx1g MESH java $JAVA_OPTS x",
                                    "APP_PORT=3000 MESH npm start;",
                                    "APP_PORT=3000 MESH sh -c 'PORT=$APP_PORT; export PORT; serve -p $PORT'",
                                    "APP_PORT=3000 MESH npm start || APP_PORT=3000 MESH node x.js",
                                    "APP_PORT=3000 MESH npm start | tee log",
                                    "APP_PORT=3000 MESH npm start; cleanup",
                                    "APP_PORT=3000 MESH npm start || notify",
                                    "APP_PORT=3000 MESH node --inspect=0.0.0.0:9229 x.js",
                                    "APP_PORT=3000 MESH bin/app -port 8080",
                                    "APP_PORT=3000 MESH npm start; node cleanup.js",
                                    "APP_PORT=3000 npm run migrate && APP_PORT=3000 MESH npm start",
                                    "PORT=${PORT:-8080} APP_PORT=3000 MESH npm start",
                                    "APP_PORT=3000 MESH redis-server --daemonize no",
                                    "APP_PORT=3000 poetry run MESH uvicorn a:b --port 3000",
                                    "APP_PORT=3000 uv run MESH uvicorn a:b --port 3000",
                                    "APP_PORT=3000 bundle exec MESH puma -p 3000",
                                    "APP_PORT=3000 pnpm exec MESH npm start",
                                    "APP_PORT=3000 npx -p tool MESH npm start",
                                    "APP_PORT=3000 /layers/mesh/bin/MESH npm start",
                                    "APP_PORT=3000 /tmp/MESH npm start",
                                    "set -e && APP_PORT=3000 MESH npm start",
                                    "set -- --verbose && APP_PORT=3000 MESH npm start",
                                    "APP_PORT=3000 MESH gunicorn -b :3000 --access-logformat '%(h)s' a:b",
                                    "APP_PORT=3000 MESH node x.js --port",
                                    "APP_PORT=3000 MESH deno serve --port 3000 main.ts --port",
                                    "export A=b && bash -c \"APP_PORT=3000 MESH node $A $HOME\"",
                                    "bash -c \"export APP_PORT=3000 && MESH uvicorn a:b --port \\$APP_PORT\""}) {
    EXPECT_THAT(app_with("web: " + command).found(), IsEmpty()) << command;
  }
}

TEST(Doctor, ReportsUnknownForAConditionalMesh) {
  for (const std::string command :
       {"if [ -n \"$DYNO\" ]; then APP_PORT=3000 MESH npm start; else npm start; fi",
        "if true; then APP_PORT=3000 exec MESH npm start; fi; npm start", "[ -f x ] && APP_PORT=3000 MESH -- npm start",
        "make web", "foreman start", "$START", "./entrypoint APP_PORT=3000 MESH npm start", "deno task web",
        "run() { APP_PORT=3000 MESH npm start; }; run"}) {
    const DoctoredApp app = app_with("web: " + command);
    EXPECT_THAT(app.found(), ElementsAre("cannot-tell Procfile:1")) << command;
    EXPECT_EQ(app.examine().web, WebProcess::unknown) << command;
    EXPECT_THAT(app.examine().mistakes(), IsEmpty()) << command;
    EXPECT_EQ(app.suggestion_for("cannot-tell"), "") << command;
  }
}

TEST(Doctor, FindsABranchThatListensWithoutTheMesh) {
  const std::string branches = "then cd a && uvicorn a:b --port $PORT; else APP_PORT=3000 MESH uvicorn a:b --port 3000; fi";
  EXPECT_THAT(app_with("web: if [ -d a ]; " + branches).examine().mistakes(), ElementsAre("branch-without-mesh"));
  EXPECT_THAT(app_with("web: if [ -z \"$DYNO\" ]; " + branches).examine().mistakes(), IsEmpty());
}

TEST(Doctor, SuggestsNothingForCompoundCommands) {
  for (const std::string command :
       {"if [ \"$ROLE\" = web ]; then gunicorn -b :$PORT app:app; else celery -A app worker; fi", "npm start & wait",
        "npm run build && npm start", "npm start | tee log", "bash -c 'npm start'", "while true; do npm start; done",
        "npm start --workers $(nproc)", "trap 'kill 0' TERM; npm start & wait", "(npm start)"}) {
    EXPECT_EQ(app_with("web: " + command).suggestion_for("mesh-not-used"), "") << command;
  }
}

TEST(Doctor, ReportsOnlyAMisplacedPort) {
  EXPECT_THAT(app_with("web: MESH APP_PORT=3000 npm start").found(), ElementsAre("assignment-after-mesh Procfile:1"));
  EXPECT_THAT(app_with("web: MESH export APP_PORT=3000 && npm start").found(),
              ElementsAre("shell-op-after-mesh Procfile:1"));
}

TEST(Doctor, PrefersAppLinksPortFlagToPort) {
  EXPECT_THAT(app_with("web: APP_PORT=3000 PORT=3000 MESH --port $PORT -- npm start", kApp).found(), IsEmpty());
}

TEST(Doctor, AssumesAPortThatMayBeSetElsewhere) {
  for (const std::string procfile :
       {"web: . ./env.sh && MESH npm start", "web: source env.sh; exec MESH npm start",
        "web: : ${APP_PORT:=3000}; export APP_PORT; MESH npm start", "web: MESH uvicorn a:b --port 3000"}) {
    EXPECT_THAT(app_with(procfile).found(), IsEmpty()) << procfile;
  }
  EXPECT_THAT(app_with("web: : ${APP_PORT:=3000}; MESH npm start").found(), ElementsAre("app-port-not-exported Procfile:1"));
}

TEST(Doctor, ReadsThePortThatTheAppsProfileSets) {
  for (const std::string file : {".profile", ".profile.d/ports.sh"}) {
    DoctoredApp app = app_with("web: MESH npm start");
    app.files[file] = "A=b\nexport APP_PORT=4000\n";
    EXPECT_THAT(app.found(), IsEmpty()) << file;
    app.files["Procfile"] = filled("web: MESH uvicorn a:b --port 8080", kInt);
    EXPECT_THAT(app.found(), ElementsAre("app-port-mismatch Procfile:1")) << file;
    app.files[file] = "APP_PORT=4000\n";
    EXPECT_THAT(app.found(), Contains("app-port-mismatch Procfile:1")) << file;
  }
}

TEST(Doctor, FollowsTheMeshsNameThroughVariables) {
  for (const std::string script :
       {"BIN=vendor/heroku-integration/bin/MESH\nexec \"$BIN\" npm start", "M=${M:-MESH}\n$M npm start",
        "A=MESH; B=$A; exec ${B} npm start", "exec ${M:-MESH} npm start"}) {
    DoctoredApp app = app_with("web: APP_PORT=3000 ./start.sh");
    app.files["start.sh"] = filled("#!/bin/sh\n" + script + "\n", kInt);
    EXPECT_THAT(app.found(), IsEmpty()) << script;
    EXPECT_EQ(app.examine().web, WebProcess::wrapped) << script;
  }
  DoctoredApp app = app_with("web: APP_PORT=3000 ./start.sh");
  app.files["start.sh"] = filled("#!/bin/sh\nM=MESH\nexec $M -- npm start\n", kInt);
  EXPECT_THAT(app.found(), ElementsAre("dashdash-on-integration start.sh:3"));
}

TEST(Doctor, ReportsAMissingProcfile) {
  const DoctoredApp app;
  EXPECT_THAT(app.found(), ElementsAre("procfile-missing Procfile"));
  EXPECT_EQ(app.examine().web, WebProcess::no_procfile);
}

TEST(Doctor, ReportsAMissingWebProcess) {
  const DoctoredApp app = app_with("worker: node worker.js\n# web: node x.js");
  EXPECT_THAT(app.found(), ElementsAre("web-missing Procfile"));
  EXPECT_EQ(app.examine().web, WebProcess::missing);
}

TEST(Doctor, FindsTheMeshInOtherProcesses) {
  const DoctoredApp app = app_with("web: APP_PORT=3000 MESH a\nworker: APP_PORT=3000 MESH node w.js\nrelease: MESH x");
  EXPECT_THAT(app.found(), ElementsAre("mesh-on-non-web Procfile:2", "mesh-on-non-web Procfile:3"));
  EXPECT_EQ(app.suggestion_for("mesh-on-non-web"), "worker: APP_PORT=3000 node w.js");
  const DoctoredApp quoted = app_with("web: APP_PORT=3000 MESH a\nworker: exec bash -c 'cd w && MESH node w.js'");
  EXPECT_THAT(quoted.found(), ElementsAre("mesh-on-non-web Procfile:2"));
  EXPECT_EQ(quoted.suggestion_for("mesh-on-non-web"), "");
  const DoctoredApp release = app_with("web: APP_PORT=3000 MESH a\nrelease: MESH \"npm run migrate\"");
  EXPECT_EQ(release.suggestion_for("mesh-on-non-web"), "release: npm run migrate");
}

TEST(Doctor, ReportsLinesThatPlatformsParseDifferently) {
  const std::string good = "APP_PORT=3000 MESH a";
  const std::string line = filled("web: " + good, kInt);
  for (const auto& [id, text] :
       std::vector<std::pair<std::string, std::string>>{{"byte-order-mark", "\xEF\xBB\xBFweb: " + good},
                                                        {"crlf", "web: " + good + "\r\n"},
                                                        {"tabs", "web:\t" + good},
                                                        {"name-case", "WEB: " + good},
                                                        {"name-case", "Web: " + good},
                                                        {"space-before-colon", "web : " + good},
                                                        {"no-space-after-colon", "web:" + good},
                                                        {"duplicate-key", "web: x\nweb: " + good}}) {
    EXPECT_THAT(app_with(text).found(), ElementsAre(id + " Procfile:1")) << text;
  }
  for (const std::string text :
       {"WEB: npm start", "Web : npm start", "web:npm start", "web:\tnpm start", "web: web: npm start"}) {
    const DoctoredApp app = app_with(text);
    for (const Finding& finding : app.examine().findings) {
      EXPECT_EQ(finding.suggestion, filled("web: APP_PORT=3000 MESH env PORT=3000 npm start", kInt))
          << text << ": " << finding.message;
    }
  }
  EXPECT_EQ(app_with("web : " + good).suggestion_for("space-before-colon"), line);
  EXPECT_EQ(app_with("Web: " + good).suggestion_for("name-case"), line);
  EXPECT_EQ(app_with("Web: " + good).examine().web, WebProcess::missing);
}

TEST(Doctor, ReportsNamesThatCloudNativeBuildsReject) {
  const std::string web = "web: APP_PORT=3000 MESH a\n";
  EXPECT_THAT(app_with(web + "my_Worker: x").found(), ElementsAre("name-changes Procfile:2"));
  EXPECT_EQ(app_with(web + "my_Worker: x").suggestion_for("name-changes"), "my-worker: x");
  for (const std::string& name : {std::string("-a"), std::string("a_"), std::string(64, 'a')}) {
    EXPECT_THAT(app_with(web + name + ": x").found(), ElementsAre("name-refused Procfile:2")) << name;
  }
  EXPECT_THAT(app_with(web + std::string(63, 'a') + ": x").found(), IsEmpty());
  for (const char* line : {"npm start", "worker", "worker:", "a.b: x", ": x", "--- # x"}) {
    EXPECT_THAT(app_with(web + "# a comment\n\n \n" + line).found(), ElementsAre("line-refused Procfile:5")) << line;
  }
}

TEST(Doctor, ReportsLineNumbers) {
  EXPECT_THAT(app_with("# first\n\nworker: x\nweb: APP_PORT=3000 MESH").found(), ElementsAre("no-command Procfile:4"));
}

TEST(Doctor, ReadsScriptsThatStartTheMesh) {
  DoctoredApp app = app_with("web: ./start.sh");
  app.files["start.sh"] = filled("#!/bin/sh\nset -e\n# MESH is here\nAPP_PORT=3000 exec MESH -- node x.js\n", kInt);
  EXPECT_THAT(app.found(), ElementsAre("dashdash-on-integration start.sh:4"));
  EXPECT_EQ(app.suggestion_for("dashdash-on-integration"), filled("APP_PORT=3000 exec MESH node x.js", kInt));
  EXPECT_EQ(app.examine().web, WebProcess::wrapped);
}

TEST(Doctor, ReadsScriptsUnderEveryUsualName) {
  for (const std::string command :
       {"./start.sh", "sh start.sh", "bash ./start.sh", "/app/start.sh", "/workspace/start.sh", "exec $HOME/start.sh"}) {
    DoctoredApp app = app_with("web: " + command);
    app.files["start.sh"] = filled("#!/usr/bin/env bash\nexport APP_PORT=3000\nMESH npm start\n", kInt);
    EXPECT_THAT(app.found(), IsEmpty()) << command;
    EXPECT_EQ(app.examine().web, WebProcess::wrapped) << command;
  }
}

TEST(Doctor, ReadsAShellScriptOfAnyName) {
  for (const std::string command : {"bash start", "sh -e bin/start", "exec /bin/bash ./start", "bash -c 'sh start'"}) {
    DoctoredApp app = app_with("web: " + command);
    app.files["start"] = app.files["bin/start"] = filled("export APP_PORT=3000\nexec MESH npm start\n", kInt);
    EXPECT_THAT(app.found(), IsEmpty()) << command;
    EXPECT_EQ(app.examine().web, WebProcess::wrapped) << command;
  }
}

TEST(Doctor, ReadsScriptsInTheDirectoryOfTheirCommand) {
  for (const std::string command :
       {"cd api && ./start.sh", "cd ./api/ && sh start.sh", "cd /app/api; exec ./start.sh", "(cd $HOME/api && ./start.sh)",
        "cd api && npm start", "npm --prefix api start", "npm start --prefix=./api", "yarn --cwd api run start",
        "pnpm -C api start", "exec npm --prefix api start", "cd web && cd /app/api && npm start",
        "cd web && (cd ../x) && cd $HOME/api && npm start", "bash -c 'cd api && exec npm start'"}) {
    DoctoredApp app = app_with("web: " + command);
    app.files["api/start.sh"] = filled("#!/bin/sh\nexport APP_PORT=3000\nexec MESH node x.js\n", kInt);
    app.files["api/package.json"] = filled(R"({"scripts": {"start": "APP_PORT=3000 MESH node x.js"}})", kInt);
    app.files["package.json"] = app.files["web/package.json"] = R"({"scripts": {"start": "node other.js"}})";
    EXPECT_THAT(app.found(), IsEmpty()) << command;
    EXPECT_EQ(app.examine().web, WebProcess::wrapped) << command;
  }
}

TEST(Doctor, RestoresTheDirectoryAfterASubshell) {
  DoctoredApp app = app_with("web: (cd web && npm ci) && npm start");
  app.files["package.json"] = filled(R"({"scripts": {"start": "APP_PORT=3000 MESH node x.js"}})", kInt);
  app.files["web/package.json"] = R"({"scripts": {"start": "node other.js"}})";
  EXPECT_THAT(app.found(), IsEmpty());
}

TEST(Doctor, FindsMistakesOfScriptsInOtherDirectories) {
  DoctoredApp app = app_with("web: cd api && APP_PORT=3000 MESH ./run.sh");
  app.files["api/run.sh"] = "#!/bin/sh\nexec uvicorn a:b --port $PORT\n";
  EXPECT_THAT(app.found(), ElementsAre("same-port Procfile:1"));
  EXPECT_THAT(app.examine().findings.at(0).message, HasSubstr("uvicorn (api/run.sh:2)"));
  EXPECT_EQ(app.suggestion_for("same-port"), filled("web: cd api && APP_PORT=3000 MESH env PORT=3000 ./run.sh", kInt));
  app = app_with("web: APP_PORT=3000 MESH npm --prefix api start");
  app.files["api/package.json"] = R"({"scripts": {"start": "node server.js"}})";
  app.files["api/server.js"] = "listen(process.env.PORT)";
  EXPECT_THAT(app.found(), ElementsAre("app-ignores-app-port api/server.js:1"));
}

TEST(Doctor, PassesVariablesToScripts) {
  for (const std::string command : {"APP_PORT=3000 ./start.sh", "export APP_PORT=3000 && ./start.sh"}) {
    DoctoredApp app = app_with("web: " + command);
    app.files["start.sh"] = filled("#!/bin/sh\nexec MESH npm start\n", kInt);
    EXPECT_THAT(app.found(), IsEmpty()) << command;
  }
  DoctoredApp hidden = app_with("web: APP_PORT=3000; ./start.sh");
  hidden.files["start.sh"] = filled("#!/bin/sh\nexec MESH npm start\n", kInt);
  EXPECT_THAT(hidden.found(), ElementsAre("app-port-unset start.sh:2"));
}

TEST(Doctor, ReadsScriptsThatTheMeshStarts) {
  DoctoredApp app = app_with("web: APP_PORT=3000 MESH ./start.sh");
  app.files["start.sh"] = "#!/bin/sh\necho $PORT\nexec uvicorn a:b --port $PORT\n";
  EXPECT_THAT(app.found(), ElementsAre("same-port Procfile:1"));
  EXPECT_EQ(app.suggestion_for("same-port"), filled("web: APP_PORT=3000 MESH env PORT=3000 ./start.sh", kInt));
  app.files["start.sh"] = "#!/bin/sh\nexec uvicorn a:b --port 8080\n";
  EXPECT_THAT(app.found(), ElementsAre("app-port-mismatch Procfile:1"));
  EXPECT_EQ(app.suggestion_for("app-port-mismatch"), filled("web: APP_PORT=8080 MESH ./start.sh", kInt));
  app.files["start.sh"] = filled("#!/bin/sh\nexec MESH npm start\n", kInt);
  EXPECT_THAT(app.found(), Contains("nested-mesh Procfile:1"));
  app.files["start.sh"] = "#!/bin/sh\nexport PORT=$APP_PORT\nexec uvicorn a:b --port $PORT\n";
  EXPECT_THAT(app.found(), IsEmpty());
}

TEST(Doctor, ReadsThePackageScriptsThatAProcessStarts) {
  DoctoredApp app = app_with("web: npm start");
  app.files["package.json"] = filled(R"({"scripts": {"start": "APP_PORT=3000 MESH -- node \"x.js\""}})", kInt);
  EXPECT_THAT(app.found(), ElementsAre("dashdash-on-integration package.json"));
  EXPECT_EQ(app.suggestion_for("dashdash-on-integration"), filled(R"("start": "APP_PORT=3000 MESH node \"x.js\"")", kInt));
  for (const std::string other : {"[]", "{\"scripts\": 1}", "{\"scripts\": {\"start\": 1}}"}) {
    app.files["package.json"] = other;
    EXPECT_THAT(app.found(), ElementsAre("mesh-not-used Procfile:1")) << other;
  }
  for (const std::string damaged : {"", "{"}) {
    app.files["package.json"] = damaged;
    EXPECT_THAT(app.found(), ElementsAre("cannot-tell Procfile:1")) << damaged;
  }
}

TEST(Doctor, FollowsPackageScriptsToTheEnd) {
  for (const std::string command :
       {"npm start", "npm run web", "yarn web", "pnpm run web", "npm start -w api", "npm run start --workspace=packages/api",
        "yarn workspace api start", "pnpm --filter api start"}) {
    DoctoredApp app = app_with("web: " + command);
    app.files["package.json"] = filled(
        R"({"workspaces": ["packages/*"], "scripts": {"start": "npm run web", "web": "APP_PORT=3000 MESH next start -p 3000"}})",
        kInt);
    app.files["packages/api/package.json"] =
        filled(R"({"name": "api", "scripts": {"start": "APP_PORT=3000 MESH next start -p 3000"}})", kInt);
    EXPECT_THAT(app.found(), IsEmpty()) << command;
    EXPECT_EQ(app.examine().web, WebProcess::wrapped) << command;
  }
  DoctoredApp app = app_with("web: npm start -w elsewhere");
  app.files["package.json"] = R"({"workspaces": ["packages/*"]})";
  EXPECT_THAT(app.found(), ElementsAre("cannot-tell Procfile:1"));
  app.files["package.json"] = R"({"scripts": {"start": "npm start"}})";
  app.files["Procfile"] = "web: npm start";
  EXPECT_EQ(app.examine().web, WebProcess::unknown);
}

TEST(Doctor, ReportsUnknownForAnotherLanguageThatNamesTheMesh) {
  DoctoredApp app = app_with("web: ./start");
  app.files["start"] = filled("#!/usr/bin/env python3\nrun('MESH', 'x')\n", kInt);
  EXPECT_THAT(app.found(), ElementsAre("cannot-tell Procfile:1"));
  EXPECT_EQ(app.examine().web, WebProcess::unknown);
}

TEST(Doctor, ReadsTheConfigurationFilesOfServers) {
  DoctoredApp app = app_with("web: APP_PORT=3000 MESH bundle exec puma");
  for (const auto& [content, found] :
       std::vector<std::pair<std::string, std::string>>{{"port ENV.fetch(\"PORT\", 3000)", "same-port"},
                                                        {"port ENV['PORT'] || 3000", "same-port"},
                                                        {"port 8080", "app-port-mismatch"},
                                                        {"bind 'tcp://0.0.0.0:8080'", "app-port-mismatch"},
                                                        {"workers 2", "app-port-mismatch"},
                                                        {"port 3000", ""},
                                                        {"port ENV.fetch(\"APP_PORT\", 3000)", ""},
                                                        {"port ENV.fetch(\"RAILS_PORT\", 8080)", ""},
                                                        {"port number", ""},
                                                        {"bind(a ? \"unix:///tmp/s\" : \"tcp://0.0.0.0:3000\")", ""},
                                                        {"bind ENV['BIND'] || 'unix:///tmp/puma.sock'", ""},
                                                        {"bind 'unix:///tmp/puma.sock'", "app-port-mismatch"},
                                                        {"port(settings.port || 8000)", ""},
                                                        {"port ENV['PORT'].to_i + 1", ""},
                                                        {"port(settings.port || ENV['PORT'])", ""},
                                                        {"if development?\n  port 4000\nend", ""}}) {
    app.files["config/puma.rb"] = "# port 1\nthreads 1, 5\n" + content + "\n";
    EXPECT_EQ(app.examine().mistakes(), found.empty() ? std::vector<std::string>() : std::vector{found}) << content;
  }
  app.files["config/puma.rb"] = "port ENV.fetch(\"PORT\", 3000)";
  EXPECT_EQ(app.suggestion_for("same-port"), filled("web: APP_PORT=3000 MESH env PORT=3000 bundle exec puma", kInt));
}

// The mistakes in an app whose web process runs this command, with one more file.
std::vector<std::string> mistakes_with(const std::string& command, const std::string& path, const std::string& content) {
  DoctoredApp app = app_with("web: " + command);
  app.files["pom.xml"] = "<artifactId>spring-boot-starter-parent</artifactId>";
  app.files[path] = content;
  return app.examine().mistakes();
}

TEST(Doctor, ReadsThePortOfASpringBootApp) {
  const auto found = [](const std::string& file, const std::string& content, const std::string& jar = "target/a.jar") {
    return mistakes_with("APP_PORT=3000 MESH java -jar " + jar, file, content);
  };
  const std::string yaml = "src/main/resources/application.yml";
  const auto mismatch = ElementsAre("app-port-mismatch");
  EXPECT_THAT(found(yaml, "server:\n  port: 3000\n"), IsEmpty());
  EXPECT_THAT(found(yaml, "server:\n  port: 8081\n"), mismatch);
  EXPECT_THAT(found(yaml, "server.port: 3000\n"), IsEmpty());
  EXPECT_THAT(found(yaml, "server: {port: \"${PORT:8080}\"}\n"), ElementsAre("same-port"));
  EXPECT_THAT(found(yaml, "server:\n  port: ${SERVER_PORT:${PORT:8080}}\n"), ElementsAre("same-port"));
  EXPECT_THAT(found(yaml, "server:\n  port: ${APP_PORT:8080}\n"), IsEmpty());
  EXPECT_THAT(found(yaml, "server:\n  port: ${OTHER:3000}\n"), IsEmpty());
  EXPECT_THAT(found(yaml, "server:\n  port: ${OTHER:8081}\n"), mismatch);
  EXPECT_THAT(found(yaml, "server:\n  port: ${OTHER}\n"), IsEmpty());
  EXPECT_THAT(found(yaml, "spring: {application: {name: a}}\nmanagement:\n  server:\n    port: 3000\n"), mismatch);
  EXPECT_THAT(found(yaml, "server: {port: 1}\n---\nspring.profiles: x\nserver: {port: 2}\n"), IsEmpty());
  EXPECT_THAT(found(yaml, "server: [\n"), IsEmpty());
  EXPECT_THAT(found("src/main/resources/application.properties", "server.port = 3000\n"), IsEmpty());
  EXPECT_THAT(found("src/main/resources/application.properties", "server.port=${PORT:8080}\n"), ElementsAre("same-port"));
  EXPECT_THAT(found("src/main/resources/application-prod.yml", "logging: {}\n"), mismatch);
  EXPECT_THAT(found("src/main/resources/application-prod.yml", "server: {port: 3000}\n"), IsEmpty());
  EXPECT_THAT(found("config/application.yaml", "server: {port: 3000}\n"), IsEmpty());
  EXPECT_THAT(found("api/src/main/resources/application.yml", "server: {port: 3000}\n", "api/target/a.jar"), IsEmpty());
  EXPECT_THAT(found("api/pom.xml", "", "api/build/libs/*.jar"), mismatch);
  EXPECT_THAT(found("pom.xml", "<!-- moved off spring-boot-starter-web -->"), IsEmpty());
  EXPECT_THAT(found("pom.xml", "// spring-boot-starter-web\n/* spring-boot-starter-web */"), IsEmpty());
  EXPECT_THAT(found("pom.xml", "<!-- a --><artifactId>spring-boot-starter-webflux</artifactId>"), mismatch);
  EXPECT_THAT(found("src/main/java/org/shop/App.java", "app.setDefaultProperties(defaults);"), IsEmpty());
  EXPECT_THAT(found("src/main/java/org/shop/App.java", "run(App.class);"), mismatch);
}

TEST(Doctor, BoundsTheWorkOnAliasesOfAYamlFile) {
  std::string yaml = "x: &a\n";
  for (int i = 0; i < 5'000; ++i) yaml += " b: 1\n";
  for (int i = 0; i < 2'600; ++i) yaml += "server: *a\n";
  EXPECT_THAT(mistakes_with("APP_PORT=3000 MESH java -jar target/a.jar", "src/main/resources/application.yml", yaml),
              IsEmpty());
}

TEST(Doctor, SuggestsAPortForASpringBootApp) {
  DoctoredApp app = app_with("web: APP_PORT=3000 MESH java -jar target/a.jar");
  app.files["src/main/resources/application.yml"] = "server:\n  port: 8081\n";
  EXPECT_EQ(app.suggestion_for("app-port-mismatch"), filled("web: APP_PORT=8081 MESH java -jar target/a.jar", kInt));
  app.files["src/main/resources/application.yml"] = "server:\n  port: ${PORT:8081}\n";
  EXPECT_EQ(app.suggestion_for("same-port"),
            filled("web: APP_PORT=3000 MESH env PORT=3000 SERVER_PORT=3000 java -jar target/a.jar", kInt));
}

TEST(Doctor, FollowsVariablesInTheConfigurationOfGunicorn) {
  const auto found = [](const std::string& content) {
    return mistakes_with("APP_PORT=3000 MESH gunicorn a:b", "gunicorn.conf.py", "import os\n" + content + "workers = 2\n");
  };
  const auto same = ElementsAre("same-port");
  const auto mismatch = ElementsAre("app-port-mismatch");
  EXPECT_THAT(found("port = os.environ.get('PORT', '8000')\nbind = '0.0.0.0:' + port\n"), same);
  EXPECT_THAT(found("port = int(os.getenv('PORT', 8000))\nbind = f'0.0.0.0:{port}'\n"), same);
  EXPECT_THAT(found("host = '127.0.0.1'\nport = os.environ['PORT']\nbind = '%s:%s' % (host, port)\n"), same);
  EXPECT_THAT(found("_port = os.environ.get('PORT')\nport = _port or 8000\nbind = [\"0.0.0.0:{}\".format(_port)]\n"), same);
  EXPECT_THAT(found("bind = '0.0.0.0:{}'.format(os.environ.get('PORT', 8000))\n"), same);
  EXPECT_THAT(found("port = 8001\nbind = f'0.0.0.0:{port}'\n"), mismatch);
  EXPECT_THAT(found("port = 3000\nbind = f'0.0.0.0:{port}'\n"), IsEmpty());
  EXPECT_THAT(found("bind = 'unix:/tmp/gunicorn.sock'\n"), mismatch);
  EXPECT_THAT(found("port = os.environ.get('WEB_PORT', '8000')\nbind = f'0.0.0.0:{port}'\n"), IsEmpty());
  EXPECT_THAT(found("port = os.environ.get('APP_PORT', '8000')\nbind = f'0.0.0.0:{port}'\n"), IsEmpty());
  EXPECT_THAT(found("bind = os.environ.get('BIND', '0.0.0.0:' + os.environ.get('PORT', '8000'))\n"), IsEmpty());
  EXPECT_THAT(found("base = 2000\nbind = f'0.0.0.0:{base + 1000}'\n"), IsEmpty());
  EXPECT_THAT(found("port = 8000\nif os.getenv('X'):\n  port = 3000\nbind = f'0.0.0.0:{port}'\n"), IsEmpty());
  EXPECT_THAT(found("bind = compute()\n"), IsEmpty());
  EXPECT_THAT(found("bind = ['0.0.0.0:3000', 'unix:/tmp/g.sock']\n"), IsEmpty());
  EXPECT_THAT(found("port = 8000\nif 'A' in os.environ: port = 3000\nbind = f'0.0.0.0:{port}'\n"), IsEmpty());
  EXPECT_THAT(found("port = 8000\nbind = address(port)\n"), IsEmpty());
  EXPECT_THAT(found("base = 3000\noffset = 1\nbind = f':{base + offset}'\n"), IsEmpty());
  EXPECT_THAT(found("bind = conf.bind or '0.0.0.0:8000'\n"), IsEmpty());
  EXPECT_THAT(found("if os.getenv('A'):\n  bind = ':8000'\n"), IsEmpty());
}

TEST(Doctor, FindsAServerOnAUnixSocketOnly) {
  EXPECT_THAT(app_with("web: APP_PORT=3000 MESH gunicorn -b unix:/tmp/x.sock a:b").examine().mistakes(),
              ElementsAre("app-port-mismatch"));
  EXPECT_EQ(app_with("web: APP_PORT=3000 MESH gunicorn -b unix:/tmp/x.sock a:b").suggestion_for("app-port-mismatch"), "");
  EXPECT_THAT(app_with("web: APP_PORT=3000 MESH gunicorn -b unix:/tmp/x.sock -b :3000 a:b").found(), IsEmpty());
}

TEST(Doctor, LeavesRackOptionsInConfigRuAlone) {
  EXPECT_THAT(mistakes_with("APP_PORT=3000 MESH rackup", "config.ru", "#\\ -p 3000\nrun App\n"), IsEmpty());
  EXPECT_THAT(mistakes_with("APP_PORT=3000 MESH rackup", "config.ru", "run App\n"), ElementsAre("app-port-mismatch"));
}

TEST(Doctor, ReadsThePortOfAPhoenixApp) {
  const auto found = [](const std::string& content) {
    return mistakes_with("APP_PORT=3000 MESH mix phx.server", "config/runtime.exs", content);
  };
  const std::string url = "\n  config :a, url: [host: host, port: 443],\n    http: [ip: {0, 0}, port: port]\n";
  EXPECT_THAT(found("port = String.to_integer(System.get_env(\"PORT\") || \"4000\")" + url), ElementsAre("same-port"));
  EXPECT_THAT(found("port = String.to_integer(System.get_env(\"APP_PORT\") || \"4000\")" + url), IsEmpty());
  EXPECT_THAT(found("port = System.get_env(\"HTTP_PORT\") || System.get_env(\"PORT\") || \"4000\"" + url), IsEmpty());
  EXPECT_THAT(found("# was: System.get_env(\"PORT\")\nport = System.get_env(\"HTTP_PORT\")" + url), IsEmpty());
  EXPECT_THAT(found("# was: System.get_env(\"PORT\")\nport = 3000" + url), IsEmpty());
}

TEST(Doctor, SuggestsNoLineThatListensTwiceOnOnePort) {
  for (const char* command : {"gunicorn -b 0.0.0.0:$PORT -b 0.0.0.0:3000 a:b", "daphne -e tcp:port=$PORT -p 3000 a:b"}) {
    EXPECT_EQ(app_with(std::string("web: APP_PORT=3000 MESH ") + command).suggestion_for("same-port"), "") << command;
  }
  EXPECT_EQ(app_with("web: APP_PORT=3000 MESH daphne -e tcp:port=$PORT a:b").suggestion_for("same-port"),
            filled("web: APP_PORT=3000 MESH daphne -e tcp:port=3000 a:b", kInt));
}

TEST(Doctor, KnowsServersByTheirPathAndTheAppsFiles) {
  const std::string svelte = R"({"devDependencies": {"@sveltejs/adapter-node": "5"}})";
  const auto same = ElementsAre("same-port");
  for (const char* command : {"node build", "node ./build/", "node build/index.js"}) {
    EXPECT_THAT(mistakes_with(std::string("APP_PORT=3000 MESH ") + command, "package.json", svelte), same) << command;
    EXPECT_THAT(mistakes_with(std::string("APP_PORT=3000 MESH ") + command, "package.json", "{}"), IsEmpty()) << command;
  }
  EXPECT_THAT(mistakes_with("APP_PORT=3000 MESH env PORT=3000 node build", "package.json", svelte), IsEmpty());
  DoctoredApp app = app_with("web: APP_PORT=3000 MESH node build");
  app.files = {
      {"Procfile", app.files["Procfile"]}, {"package.json", svelte}, {"svelte.config.js", "a({ envPrefix: 'A_' })"}};
  EXPECT_THAT(app.found(), IsEmpty());
  const std::string astro = R"({"dependencies": {"@astrojs/node": "9"}})";
  EXPECT_THAT(mistakes_with("APP_PORT=3000 MESH node ./dist/server/entry.mjs", "package.json", astro), same);
  EXPECT_THAT(mistakes_with("APP_PORT=3000 MESH node other.mjs", "package.json", astro), IsEmpty());
  EXPECT_THAT(mistakes_with("APP_PORT=3000 MESH _build/prod/rel/shop/bin/server", "config/runtime.exs",
                            "port = String.to_integer(System.get_env(\"PORT\") || \"4000\")"),
              same);
  EXPECT_THAT(mistakes_with("APP_PORT=3000 MESH _build/prod/rel/shop/bin/server", "config/runtime.exs", ""), IsEmpty());
  EXPECT_THAT(mistakes_with("APP_PORT=3000 MESH react-router-serve ./build/server/index.js", "x", ""), same);
}

TEST(Doctor, SuggestsNoLineWhoseEffectDependsOnTheVersion) {
  for (const char* command :
       {"ng serve", "ng serve --port $PORT", "falcon serve -p $PORT", "HTTP_PORT=$PORT thrust bin/rails s"}) {
    EXPECT_EQ(app_with(std::string("web: ") + command).suggestion_for("mesh-not-used"), "") << command;
  }
  EXPECT_THAT(app_with("web: APP_PORT=3000 HTTP_PORT=$PORT MESH bundle exec thrust bin/rails s").examine().mistakes(),
              ElementsAre("same-port"));
  EXPECT_THAT(app_with("web: APP_PORT=3000 MESH bundle exec thrust bin/rails s").found(), IsEmpty());
}

TEST(Doctor, ReadsTheSitesOfACaddyfile) {
  const auto found = [](const std::string& content) {
    return mistakes_with("APP_PORT=3000 MESH caddy run --config Caddyfile", "Caddyfile", content);
  };
  EXPECT_THAT(found("{\n\tadmin off\n}\n:{$PORT:8080}\nfile_server\n"), ElementsAre("same-port"));
  EXPECT_THAT(found(":{$PORT} {\n  reverse_proxy localhost:4000\n}\n"), ElementsAre("same-port"));
  EXPECT_THAT(found("http://:8080 {\n  root * dist\n}\n"), ElementsAre("app-port-mismatch"));
  EXPECT_THAT(found(":3000\nreverse_proxy localhost:{$PORT}\n"), IsEmpty());
  EXPECT_THAT(found(":{$APP_PORT} {\n}\n"), IsEmpty());
  EXPECT_THAT(found("example.com {\n}\n"), IsEmpty());
  EXPECT_THAT(found(":3000, :8080 {\n}\n"), IsEmpty());
  EXPECT_THAT(found(":3000 :8080 {\n}\n"), IsEmpty());
}

TEST(Doctor, KnowsAClassicSinatraAppByItsSource) {
  const auto found = [](const std::string& content) {
    return mistakes_with("APP_PORT=3000 MESH bundle exec ruby app.rb", "app.rb", content);
  };
  EXPECT_THAT(found("require 'sinatra'\nget('/') { 'hi' }\n"), ElementsAre("same-port"));
  EXPECT_THAT(found("require 'sinatra'\nset :port, ENV['PORT'] || 4567\n"), ElementsAre("same-port"));
  EXPECT_THAT(found("require 'sinatra'\nset :port, 4567\n"), ElementsAre("app-port-mismatch"));
  EXPECT_THAT(found("require 'sinatra'\nset :port, 3000\n"), IsEmpty());
  EXPECT_THAT(found("require 'sinatra'\nset :port, ENV.fetch('APP_PORT', 3000)\n"), IsEmpty());
  EXPECT_THAT(found("require 'sinatra/base'\n"), IsEmpty());
  EXPECT_THAT(found("require 'sinatra'\nconfigure :development do\n  set :port, 4567\nend\n"), IsEmpty());
}

TEST(Doctor, NotesThePortThatASourceListensOn) {
  const auto found = [](const std::string& command, const std::string& path, const std::string& content) {
    DoctoredApp app = app_with("web: APP_PORT=3000 MESH " + command);
    app.files[path] = content;
    EXPECT_THAT(app.examine().mistakes(), IsEmpty());
    return app.found();
  };
  const auto at = [](const std::string& place) { return ElementsAre("app-port-mismatch " + place); };
  EXPECT_THAT(found("node server.js", "server.js", "app\n  .listen(4000, () => log(1));"), at("server.js:2"));
  EXPECT_THAT(found("node server.js", "server.js", "const port = 4000;\napp.listen(port);"), at("server.js:2"));
  EXPECT_THAT(found("node server.js", "server.js", "app.listen(3000);"), IsEmpty());
  EXPECT_THAT(found("node server.js", "server.js", "// app.listen(4000)\nstart(app);"), IsEmpty());
  EXPECT_THAT(found("node server.js", "server.js", "a.listen(4000);\nb.listen(9090);"), IsEmpty());
  EXPECT_THAT(found("node server.js", "server.js", "app.listen(config.port);"), IsEmpty());
  EXPECT_THAT(found("node server.js", "server.js", "const port = 4000;\napp.listen(config.port);"), IsEmpty());
  EXPECT_THAT(found("node server.js", "server.js", "app.listen(port || 8000);"), IsEmpty());
  EXPECT_THAT(found("npx tsx src/index.ts", "src/index.ts", "serve({fetch, port: 4000}); x.listen({ port: 4000 })"),
              at("src/index.ts:1"));
  EXPECT_THAT(found("python app.py", "app.py", "app = Flask(__name__)\napp.run(host='0.0.0.0', port=5000)\n"),
              at("app.py:2"));
  EXPECT_THAT(found("python app.py", "app.py", "app = Flask(__name__)\napp.run()\n"), at("app.py:2"));
  EXPECT_THAT(found("python -m shop.main", "shop/main.py", "uvicorn.run(app, port=8000)\n"), at("shop/main.py:1"));
  EXPECT_THAT(found("bin/shop", "main.go", "package main\nhttp.ListenAndServe(\":8080\", nil)"), at("main.go:2"));
  EXPECT_THAT(found("./target/release/shop", "src/main.rs", ".bind((\"0.0.0.0\", 8080))"), at("src/main.rs:1"));
  EXPECT_THAT(found("deno run -A main.ts", "main.ts", "Deno.serve((request) => new Response('hi'));"), at("main.ts:1"));
}

TEST(Doctor, NotesSourcesThatReadPortWhereverTheyAre) {
  const auto found = [](const std::string& command, const std::string& path, const std::string& content) {
    DoctoredApp app = app_with("web: APP_PORT=3000 MESH " + command);
    app.files[path] = content;
    app.files["src/index.ts"] = "import { port } from './config';\napp.listen(port);\n";
    app.files["server.py"] = "from settings import PORT_NUMBER\nrun(PORT_NUMBER)\n";
    return app.found();
  };
  const std::string script = "const port = process.env.PORT || 3000;\n";
  const auto at = [](const std::string& place) { return ElementsAre("app-ignores-app-port " + place); };
  EXPECT_THAT(found("node dist/main", "src/main.ts", "await app.listen(process.env.PORT ?? 3000);"), at("src/main.ts:1"));
  EXPECT_THAT(found("ts-node src/index.ts", "src/config.ts", script), at("src/config.ts:1"));
  EXPECT_THAT(found("node dist/index.js", "src/config/index.ts", script), at("src/config/index.ts:1"));
  EXPECT_THAT(found("python server.py", "settings.py", "PORT_NUMBER = os.environ['PORT']"), at("settings.py:1"));
  EXPECT_THAT(found("./target/release/shop", "src/main.rs", "env::var(\"PORT\")"), at("src/main.rs:1"));
  EXPECT_THAT(found("bun run main.ts", "main.ts", "Bun.serve({ fetch() {} });"), at("main.ts:1"));
  EXPECT_THAT(found("node dist/main", "src/main.ts", "listen(process.env.APP_PORT || process.env.PORT)"), IsEmpty());
}

TEST(Doctor, SuggestsThePortThatASourceListensOn) {
  DoctoredApp app = app_with("web: node server.js");
  app.files["server.js"] = "app.listen(4000);";
  EXPECT_EQ(app.suggestion_for("mesh-not-used"), filled("web: APP_PORT=4000 MESH node server.js", kInt));
  app.files["server.js"] = "const port = process.env.WEB_PORT;\napp.listen(port || 8000);";
  EXPECT_THAT(app.suggestion_for("mesh-not-used"), Not(HasSubstr("8000")));
}

TEST(Doctor, BoundsTheWorkOnNamesInASource) {
  std::string call = "server.listen(";
  for (char c = 'a'; c <= 'z'; ++c) call += fmt::format("{} {} ", c, static_cast<char>(c - 'a' + 'A'));
  DoctoredApp app = app_with("web: APP_PORT=3000 MESH node server.js");
  for (int i = 0; i < 19; ++i) app.files["server.js"] += call + ")\n";
  app.files["server.js"] += std::string(250'000, '\n');
  EXPECT_THAT(app.found(), IsEmpty());
}

TEST(Doctor, BoundsTheWorkOnImportsOfMissingFiles) {
  DoctoredApp files = app_with("web: APP_PORT=3000 MESH node server.js");
  for (int i = 0; i < 1'365; ++i) files.files["server.js"] += "import './a" + std::to_string(i) + "'\n";
  App app = files.app();
  int reads = 0;
  app.read = [&reads, read = app.read](std::string_view path) {
    ++reads;
    return read(path);
  };
  examine(app);
  EXPECT_LT(reads, 3'000);
}

// Such a file may name any port.
TEST(Doctor, MakesNoClaimIfAConfigurationFileCannotBeRead) {
  for (const auto& [command, file] : std::vector<std::pair<std::string, std::string>>{
           {"bundle exec puma", "config/puma.rb"}, {"java -jar target/a.jar", "config/application.yml"}}) {
    DoctoredApp files = app_with("web: APP_PORT=3000 MESH " + command);
    files.files["pom.xml"] = "<artifactId>spring-boot-starter-web</artifactId>";
    EXPECT_THAT(files.examine().mistakes(), ElementsAre("app-port-mismatch")) << command;
    files.files[file] = "";
    App app = files.app();
    app.read = [read = app.read, name = file](std::string_view path) { return path == name ? std::nullopt : read(path); };
    EXPECT_THAT(examine(app).mistakes(), IsEmpty()) << command;
  }
}

TEST(Doctor, FindsThePublicPortInVariablesOfThePrograms) {
  for (const char* command :
       {"ROCKET_PORT=$PORT MESH ./app", "MESH env ROCKET_PORT=$PORT ./app", "MESH env PORT=$PORT ./app",
        "ASPNETCORE_URLS=http://*:$PORT MESH dotnet x.dll", "MESH node server.js $PORT",
        "UVICORN_PORT=$PORT MESH uvicorn a:b", "SERVER_PORT=${PORT} MESH java -jar x.jar"}) {
    const DoctoredApp app = app_with(std::string("web: APP_PORT=3000 ") + command);
    EXPECT_THAT(app.found(), ElementsAre("same-port Procfile:1")) << command;
    EXPECT_THAT(app.suggestion_for("same-port"), AllOf(HasSubstr("3000"), Not(HasSubstr("$PORT")))) << command;
  }
  EXPECT_THAT(app_with("web: APP_PORT=3000 PUBLIC_PORT=$PORT MESH ./app --verbose $PORT").found(), IsEmpty());
}

TEST(Doctor, TellsThatAVariableGivesAProgramThePublicPort) {
  const Checkup checkup = app_with("web: APP_PORT=3000 MESH env PORT=$PORT ./app serve").examine();
  ASSERT_THAT(checkup.mistakes(), ElementsAre("same-port"));
  EXPECT_THAT(checkup.findings.front().message, HasSubstr("app, whose variable names $PORT,"));
}

TEST(Doctor, MakesNoClaimOfAProgramThatMayBeToldAnotherPort) {
  for (const char* command : {"env PORT=$PORT ./app --http 3000", "env PORT=$PORT ./app --http $APP_PORT",
                              "env PORT=$PORT LISTEN=3000 ./app", "env PORT=$PORT ./app listen=:3000"}) {
    EXPECT_THAT(app_with(std::string("web: export APP_PORT=3000 && MESH ") + command).examine().mistakes(), IsEmpty())
        << command;
  }
  EXPECT_THAT(mistakes_with("APP_PORT=3000 MESH env PORT=$PORT node server.js", "server.js", "app.listen(3000)\n"),
              IsEmpty());
}

TEST(Doctor, FindsALineThatNoShellRuns) {
  for (const char* command : {"APP_PORT=3000 MESH node 'x.js", "APP_PORT=3000 MESH npm start &&", "MESH npm start | ",
                              "&& MESH npm start", "cd a && && MESH npm start", "npm start \"x"}) {
    const DoctoredApp app = app_with(std::string("web: ") + command);
    EXPECT_THAT(app.found(), ElementsAre("shell-syntax Procfile:1")) << command;
    EXPECT_EQ(app.examine().web, WebProcess::unwrapped);
    EXPECT_EQ(app.suggestion_for("shell-syntax"), "");
  }
  for (const char* command : {"APP_PORT=3000 MESH npm start # don't", "APP_PORT=3000 MESH node $'it\\'s'",
                              "for ((;;)); do APP_PORT=3000 MESH npm start; done", "APP_PORT=3000 MESH npm start & wait;",
                              "APP_PORT=3000 MESH node \"it's\""}) {
    EXPECT_THAT(app_with(std::string("web: ") + command).examine().mistakes(), IsEmpty()) << command;
  }
}

TEST(Doctor, AcceptsEverySyntaxOfTheShell) {
  for (const char* command : {
           "cat <<< \"it's\" && MESH npm start",
           "case $DYNO in web.*) MESH npm start ;; *) npm start;; esac",
           "export A=$((1<<2)) && MESH npm start",
           "export A=${x#*\\}} && MESH npm start",
           "[[ $a =~ ^(a|b)$ ]] && MESH npm start",
           "export A=\"$(echo \"it's $(date)\")\" && MESH npm start",
           "echo a#b it#\"'\" && MESH npm start # don't && ",
           "MESH npm start \\",
           "coproc MESH npm start",
           "a=(1 2 ';' \"&&\"); MESH npm start \"${a[@]}\"",
           "a=(1 2); a+=(3); MESH npm start",
           "{ MESH npm start; }",
           "time MESH npm start; time",
           "! MESH npm start",
           "MESH npm start &> log & wait $!",
           "MESH npm start &>> log",
           "MESH npm start > >(tee log) 2>&1",
           "diff <(echo a) <(echo b); MESH npm start",
           "export A=`echo \"it's\"` && MESH npm start",
           "MESH npm start 2>&1|tee log",
           "MESH npm start |& tee log",
           "MESH npm start >| log",
           "(cd a;); (cd b)&& MESH npm start",
           "for x in a b; do MESH npm start & done; wait",
           "while :; do MESH npm start; done",
           "f() { MESH npm start; }; f",
           "if ! test -f x; then MESH npm start; fi &",
           "find . -exec rm {} \\; ; MESH npm start",
           "echo 'it'\\''s' \\\" \\& \\| '\\' \"\\\\\" && MESH npm start",
           "echo $# $! $$ $? \"$\" && MESH npm start;",
           "echo $[ 1 || 0 ] && MESH npm start",
           "let 'A = 1 || 0'; MESH npm start",
           "exec 3<&- 4<> x; MESH npm start",
       }) {
    EXPECT_THAT(app_with(std::string("web: APP_PORT=3000; ") + command).found(), Not(Contains("shell-syntax Procfile:1")))
        << command;
  }
}

TEST(Doctor, FindsAVariableInSingleQuotes) {
  const DoctoredApp app = app_with("web: export APP_PORT=3000 && MESH gunicorn -b '0.0.0.0:$APP_PORT' a:b");
  EXPECT_THAT(app.found(), ElementsAre("quoted-variable Procfile:1"));
  EXPECT_EQ(app_with("web: export APP_PORT=3000 && MESH uvicorn a:b --port '$APP_PORT'").suggestion_for("quoted-variable"),
            filled("web: export APP_PORT=3000 && MESH uvicorn a:b --port \"$APP_PORT\"", kInt));
  EXPECT_THAT(app_with("web: APP_PORT=3000 MESH sh -c 'uvicorn a:b --port $APP_PORT'").found(), IsEmpty());
  EXPECT_THAT(app_with("web: export APP_PORT=3000; MESH sh -c \"uvicorn a:b --port '$APP_PORT'\"").found(), IsEmpty());
}

TEST(Doctor, MakesNoClaimBesideAJobInTheBackground) {
  const std::string script = "#!/bin/sh\nnginx -c nginx.conf &\nexec gunicorn -b unix:/tmp/x.sock a:b\n";
  EXPECT_THAT(mistakes_with("APP_PORT=3000 MESH ./start.sh", "start.sh", script), IsEmpty());
}

TEST(Doctor, FindsAnExportWithSpaces) {
  const DoctoredApp app = app_with("web: export APP_PORT = 3000 && MESH npm start");
  EXPECT_THAT(app.examine().mistakes(), ElementsAre("malformed-assignment"));
  EXPECT_EQ(app.suggestion_for("malformed-assignment"), "");
}

TEST(Doctor, FindsAShellScriptWithoutQuotes) {
  EXPECT_THAT(app_with("web: APP_PORT=3000 MESH bash -c cd api && npm start").examine().mistakes(),
              ElementsAre("shell-op-after-mesh"));
  EXPECT_THAT(app_with("web: APP_PORT=3000 MESH bash -c ./start.sh").examine().mistakes(), IsEmpty());
}

TEST(Doctor, FindsAScriptThatPackageJsonLacks) {
  const std::string package = R"({"scripts": {"start": "node x.js"}})";
  const auto found = [&](const std::string& command) { return mistakes_with(command, "package.json", package); };
  const auto unknown = ElementsAre("unknown-script");
  EXPECT_THAT(found("APP_PORT=3000 MESH npm strat"), unknown);
  EXPECT_THAT(found("APP_PORT=3000 MESH npm run web"), unknown);
  EXPECT_THAT(found("APP_PORT=3000 MESH npm start"), IsEmpty());
  EXPECT_THAT(found("APP_PORT=3000 MESH npm run web --if-present"), IsEmpty());
  EXPECT_THAT(found("APP_PORT=3000 MESH npm run -s start"), IsEmpty());
  EXPECT_THAT(found("APP_PORT=3000 MESH npm --prefix api run web"), IsEmpty());
  EXPECT_THAT(found("cd \"$DIRECTORY\" && APP_PORT=3000 MESH npm run web"), IsEmpty());
  EXPECT_THAT(mistakes_with("APP_PORT=3000 MESH npm run web", "server.js", ""), IsEmpty());
  EXPECT_THAT(mistakes_with("APP_PORT=3000 MESH npm start", "package.json", "{}"), unknown);
}

TEST(Doctor, FindsAProgramThatStartsTheProcfileAgain) {
  for (const char* command : {"foreman start", "heroku local web", "bundle exec foreman start web"}) {
    EXPECT_THAT(app_with(std::string("web: APP_PORT=3000 MESH ") + command).examine().mistakes(),
                ElementsAre("nested-mesh"));
  }
  EXPECT_THAT(app_with("web: APP_PORT=3000 MESH foreman start -f Procfile.dev").examine().mistakes(), IsEmpty());
  EXPECT_THAT(app_with("web: cd api && APP_PORT=3000 MESH foreman start").examine().mistakes(), IsEmpty());
}

TEST(Doctor, FindsAFileThatIsNotOnThePath) {
  EXPECT_THAT(mistakes_with("APP_PORT=3000 MESH start.sh", "start.sh", "#!/bin/sh\n"), ElementsAre("program-not-on-path"));
  EXPECT_THAT(mistakes_with("APP_PORT=3000 MESH start.sh", "x", ""), IsEmpty());
  for (const char* command : {"env A=b start.sh", "env -u A start.sh", "nice -n 5 start.sh", "nohup start.sh"}) {
    EXPECT_THAT(mistakes_with(std::string("APP_PORT=3000 MESH ") + command, "start.sh", "#!/bin/sh\n"),
                ElementsAre("program-not-on-path"))
        << command;
  }
  DoctoredApp app = app_with("web: run-app");
  app.files["run-app"] = "#!/usr/bin/env node\n";
  EXPECT_EQ(app.suggestion_for("mesh-not-used"), "");
}

TEST(Doctor, LeavesAFileToAProgramThatFindsIt) {
  for (const char* command : {"uv run main.py", "pdm run main.py", "poetry run main.py", "dotenv run main.py"}) {
    EXPECT_THAT(mistakes_with("APP_PORT=3000 MESH " + std::string(command), "main.py", ""), IsEmpty()) << command;
  }
  EXPECT_THAT(mistakes_with("APP_PORT=3000 MESH bundle exec server.rb", "server.rb", ""), IsEmpty());
  EXPECT_THAT(mistakes_with("APP_PORT=3000 MESH npx server.js", "server.js", ""), IsEmpty());
}

TEST(Doctor, LooksForAFileWhereAPathOfTheAppMayLead) {
  for (const char* command : {"export PATH=$PATH:/app && APP_PORT=3000 MESH start.sh",
                              "PATH=/app:$PATH; APP_PORT=3000 MESH start.sh", "APP_PORT=3000 PATH=/app:$PATH MESH start.sh",
                              "APP_PORT=3000 MESH env PATH=/app:$PATH start.sh", ". ./env && APP_PORT=3000 MESH start.sh"}) {
    EXPECT_THAT(mistakes_with(command, "start.sh", "#!/bin/sh\n"), IsEmpty()) << command;
  }
  DoctoredApp app = app_with("web: APP_PORT=3000 MESH start.sh");
  app.files["start.sh"] = "#!/bin/sh\n";
  EXPECT_THAT(app.examine().mistakes(), ElementsAre("program-not-on-path"));
  app.config["PATH"] = "/app:/usr/bin";
  EXPECT_THAT(app.examine().mistakes(), IsEmpty());
  app.config.erase("PATH");
  app.files["bin/start.sh"] = "#!/bin/sh\n";
  EXPECT_THAT(app.examine().mistakes(), IsEmpty());
}

TEST(Doctor, SuggestsNoLineForAProgramUnderAnotherName) {
  EXPECT_EQ(app_with("web: exec -a shop gunicorn a:b").suggestion_for("mesh-not-used"), "");
}

TEST(Doctor, FindsBypassesInExportedVariables) {
  EXPECT_THAT(
      app_with("web: export HEROKU_INTEGRATION_SERVICE_MESH_BYPASS_ALL_ROUTES=true APP_PORT=3000 && MESH npm start").found(),
      ElementsAre("auth-bypassed Procfile:1"));
  EXPECT_THAT(app_with("web: GO_LOG=debug; APP_PORT=3000 MESH npm start").found(), IsEmpty());
}

TEST(Doctor, NeverLeavesTheAppsDirectory) {
  std::vector<std::string> asked;
  DoctoredApp files = app_with("web: ../../etc/passwd /etc/passwd ./a/../../b sh ..//x.sh $HOME/../x.sh");
  App app = files.app();
  const auto read = app.read;
  app.read = [&](std::string_view path) {
    asked.emplace_back(path);
    return read(path);
  };
  examine(app);
  for (const std::string& path : asked) {
    EXPECT_THAT(path, Not(HasSubstr("..")));
    EXPECT_FALSE(path.starts_with('/')) << path;
  }
}

TEST(Doctor, NotesAppsThatReadOnlyPort) {
  DoctoredApp app = app_with("web: APP_PORT=3000 MESH npm start");
  app.files["package.json"] = R"({"scripts": {"start": "node server.js"}})";
  app.files["server.js"] = "const x = 1;\nserver.listen(process.env.PORT);\n";
  EXPECT_THAT(app.found(), ElementsAre("app-ignores-app-port server.js:2"));
  EXPECT_THAT(app.examine().mistakes(), IsEmpty());
  app.files["package.json"] = R"({"scripts": {"start": "env PORT=$APP_PORT node server.js"}})";
  EXPECT_THAT(app.found(), IsEmpty());
  app.files["Procfile"] = filled("web: APP_PORT=3000 MESH env PORT=3000 node server.js", kInt);
  EXPECT_THAT(app.found(), IsEmpty());
  app.files["Procfile"] = filled("web: APP_PORT=3000 MESH node server.js", kInt);
  app.files["server.js"] = "listen(process.env.APP_PORT || process.env.PORT)";
  EXPECT_THAT(app.found(), IsEmpty());
  app.files["server.js"] = "listen(process.env.PORTAL)";
  EXPECT_THAT(app.found(), IsEmpty());
}

TEST(Doctor, KnowsThePortOfViteUnlessItsConfigurationMayNameOne) {
  const auto found = [](const std::string& command, const std::string& config) {
    DoctoredApp app = app_with("web: APP_PORT=3000 MESH " + command);
    app.files["vite.config.mts"] =
        "import { defineConfig } from 'vite';\nexport default defineConfig({ " + config + " });\n";
    return app.found();
  };
  const auto mismatch = ElementsAre("app-port-mismatch Procfile:1");
  EXPECT_THAT(found("vite", "plugins: [react()]"), mismatch);
  EXPECT_THAT(found("vite", "preview: { port: 3000 }"), mismatch);
  EXPECT_THAT(found("vite preview", "server: { port: 3000 }"), mismatch);
  EXPECT_THAT(found("vite", "server: { port: 3000 }"), IsEmpty());
  EXPECT_THAT(found("vite dev", "server: {\n port: 3000 }"), IsEmpty());
  EXPECT_THAT(found("vite preview", "preview: {\n port: 3000 }"), IsEmpty());
  EXPECT_THAT(found("vite serve", "...shared"), IsEmpty());
  EXPECT_THAT(found("vite", "plugins: [vike()]"), IsEmpty());
  EXPECT_THAT(found("vite client", "plugins: []"), IsEmpty());  // another directory
  EXPECT_THAT(found("vite build", "plugins: []"), IsEmpty());
}

TEST(Doctor, UsesThePortOfConfigVarsWithoutPrintingIt) {
  DoctoredApp app = app_with("web: MESH uvicorn a:b --port 8080");
  app.config["APP_PORT"] = "4711";
  EXPECT_THAT(app.found(), ElementsAre("app-port-mismatch Procfile:1"));
  EXPECT_THAT(json(app.examine()), Not(HasSubstr("4711")));
  EXPECT_EQ(app.suggestion_for("app-port-mismatch"), filled("web: APP_PORT=8080 MESH uvicorn a:b --port 8080", kInt));
  app.config["APP_PORT"] = "8080";
  EXPECT_THAT(app.found(), IsEmpty());
}

TEST(Doctor, AcceptsAnAdditionalPort) {
  DoctoredApp app{.files = {{"Procfile", filled("web: APP_PORT=3000 MESH gunicorn -b 0.0.0.0:9090 -b 0.0.0.0:3000", kInt)}}};
  EXPECT_THAT(app.found(), IsEmpty());
  app.files["Procfile"] = filled("web: APP_PORT=1 MESH gunicorn -b 0.0.0.0:9090 -b 0.0.0.0:3000", kInt);
  EXPECT_EQ(app.suggestion_for("app-port-mismatch"),
            filled("web: APP_PORT=9090 MESH gunicorn -b 0.0.0.0:9090 -b 0.0.0.0:3000", kInt));
}

TEST(Doctor, ReportsMistakesInConfigVars) {
  DoctoredApp app = app_with("web: MESH npm start");
  app.config = {
      {"APP_PORT", "secret-x"}, {"HEROKU_INTEGRATION_SERVICE_MESH_BYPASS_ALL_ROUTES", "true"}, {"GO_LOG", "debug"}};
  EXPECT_THAT(app.found(),
              ElementsAre("addon-vars-missing config vars HEROKU_INTEGRATION_TOKEN and HEROKU_INTEGRATION_API_URL",
                          "app-port-invalid config var APP_PORT",
                          "auth-bypassed config var HEROKU_INTEGRATION_SERVICE_MESH_BYPASS_ALL_ROUTES",
                          "debug-log config var GO_LOG"));
  EXPECT_THAT(json(app.examine()), Not(HasSubstr("secret-x")));
  app.config = {{"APP_PORT", "3000"},
                {"HEROKU_INTEGRATION_SERVICE_MESH_BYPASS_ALL_ROUTES", "false"},
                {"HEROKU_APPLINK_BLUE_TOKEN", "x"},
                {"GO_LOG", "info"}};
  EXPECT_THAT(app.found(), IsEmpty());
}

TEST(Doctor, FindsBypassesInTheProcfile) {
  const DoctoredApp app =
      app_with("web: APP_PORT=3000 HEROKU_INTEGRATION_SERVICE_MESH_BYPASS_ALL_ROUTES=true MESH npm start");
  EXPECT_THAT(app.found(), ElementsAre("auth-bypassed Procfile:1"));
}

TEST(Doctor, ComparesVersionedNamesWithThePinnedVersion) {
  DoctoredApp app = app_with("web: APP_PORT=3000 MESH-v1.2.3-amd64 npm start", kApp);
  app.config["HEROKU_APPLINK_SERVICE_MESH_RELEASE_VERSION"] = "v1.2.3";
  EXPECT_THAT(app.found(), IsEmpty());
  app.config["HEROKU_APPLINK_SERVICE_MESH_RELEASE_VERSION"] = "1.2.3";
  EXPECT_THAT(app.found(), IsEmpty());
  app.config["HEROKU_APPLINK_SERVICE_MESH_RELEASE_VERSION"] = "1.2.4";
  EXPECT_THAT(app.found(), ElementsAre("arch-in-name Procfile:1"));
  EXPECT_EQ(app.examine().findings.at(0).severity, Severity::error);
}

TEST(Doctor, AcceptsEveryNameThatThisBuildpackInstalls) {
  DoctoredApp pinned = app_with("web: APP_PORT=3000 MESH-latest-amd64 npm start", kApp);
  pinned.config["HEROKU_APPLINK_SERVICE_MESH_RELEASE_VERSION"] = "v1.2.3";
  DoctoredApp versioned = app_with("web: APP_PORT=3000 MESH-v0.1.2-amd64 npm start", kInt);
  versioned.config["HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION"] = "0.1.2";
  for (const DoctoredApp& app : {pinned, versioned, app_with("web: APP_PORT=3000 MESH-latest-amd64 npm start", kInt)}) {
    EXPECT_THAT(app.found(), IsEmpty());
  }
}

TEST(Doctor, DistinguishesLinksFromMissingProducts) {
  const auto severity = [](const std::string& command, Product product) {
    const auto findings = app_with("web: APP_PORT=3000 " + command + " npm start", product).examine().findings;
    EXPECT_EQ(findings.at(0).problem, Problem::wrong_product_name);
    return findings.at(0).severity;
  };
  EXPECT_EQ(severity("heroku-applink-service-mesh", kInt), Severity::warning);
  EXPECT_EQ(severity("heroku-applink-service-mesh-latest-amd64", kInt), Severity::warning);
  EXPECT_EQ(severity("heroku-applink-service-mesh-latest-arm64", kInt), Severity::error);
  EXPECT_EQ(severity("vendor/heroku-applink/bin/heroku-applink-service-mesh", kInt), Severity::error);
}

TEST(Doctor, ChoosesTheProductThatTheProcfileCalls) {
  for (const auto& [procfile, product] :
       std::vector<std::pair<std::string, Product>>{{"web: APP_PORT=3000 heroku-applink-service-mesh npm start", kApp},
                                                    {"web: APP_PORT=3000 heroku-integration-service-mesh npm start", kInt},
                                                    {"web: npm start", kInt}}) {
    DoctoredApp files{.files = {{"Procfile", procfile}}};
    App app = files.app();
    app.product.reset();
    EXPECT_EQ(examine(app).product, product) << procfile;
  }
}

TEST(Doctor, PrintsNoLineWithCredentials) {
  const DoctoredApp app = app_with("web: APP_PORT=3000 DB=postgres://me:hunter2@db/x MESH -- npm start");
  EXPECT_THAT(app.found(), ElementsAre("dashdash-on-integration Procfile:1"));
  EXPECT_THAT(json(app.examine()), Not(HasSubstr("hunter2")));
  for (const std::string name : {"Web: ", "web : ", "web:", "web:\t", "web: web: "}) {
    const DoctoredApp grammar = app_with(name + "DB=postgres://me:hunter2@db/x MESH npm start");
    EXPECT_THAT(grammar.found(), Not(IsEmpty()));
    EXPECT_THAT(json(grammar.examine()), Not(HasSubstr("hunter2"))) << name;
  }
  for (const std::string command :
       {"DB_PASSWORD=hunter2 MESH -- x", "API_KEY='hunter2' x", "MESH -- x --password hunter2",
        "MESH -- x --db-password=hunter2", "TOKEN=hunter2 MESH \"x y\"", "MESH SECRET=hunter2 x"}) {
    const DoctoredApp secret = app_with("web: " + command);
    EXPECT_THAT(secret.examine().mistakes(), Not(IsEmpty())) << command;
    EXPECT_THAT(json(secret.examine()), Not(HasSubstr("hunter2"))) << command;
  }
}

TEST(WithoutSecrets, HidesValuesByTheirNames) {
  EXPECT_EQ(without_secrets("DB_PASSWORD=x API_KEY='y z' A=b run --password p --token=t --key $KEY -p 3000"),
            "DB_PASSWORD=[redacted] API_KEY=[redacted] A=b run --password [redacted] --token=[redacted] --key $KEY -p 3000");
}

TEST(Doctor, TerminatesForAnyProcfile) {
  const std::string deep(5'000, '(');
  std::string nested = "x";
  for (int i = 0; i < 200; ++i) nested = fmt::format("sh -c '{}'", nested);
  for (const std::string& command : std::vector<std::string>{
           deep, nested, "MESH " + std::string(20'000, '\''), "MESH \"$(" + deep, std::string("\0\x01\xFF MESH", 8),
           "APP_PORT=$APP_PORT MESH -p $APP_PORT", "A=$B; B=$A; APP_PORT=$A MESH --port $A"}) {
    app_with("web: " + command).examine();
    DoctoredApp script = app_with("web: ./start.sh");
    script.files["start.sh"] = filled("#!/bin/sh\n" + command, kInt);
    script.examine();
  }
}

// Without limits these would take hours.
TEST(Doctor, BoundsTheWorkOnScriptsThatStartEachOther) {
  DoctoredApp app = app_with("web: ./a.sh");
  for (int i = 0; i < 20; ++i) app.files["a.sh"] += "./a.sh\n";
  EXPECT_EQ(app.examine().web, WebProcess::unknown);
}

TEST(Doctor, BoundsTheWorkOnManyVariables) {
  std::string command;
  for (int i = 0; i < 3'000; ++i) command += "A=1 ";
  command += "node ";
  for (int i = 0; i < 3'000; ++i) command += "$B ";
  EXPECT_EQ(app_with("web: " + command).examine().web, WebProcess::unwrapped);
}

TEST(Doctor, ReportsUnknownAfterTooManyCommands) {
  DoctoredApp app = app_with("web: ./start.sh");
  app.files["start.sh"] = "#!/bin/sh\n";
  for (int i = 0; i < 101; ++i) app.files["start.sh"] += "echo a\n";
  app.files["start.sh"] += filled("APP_PORT=3000 exec MESH npm start\n", kInt);
  EXPECT_THAT(app.found(), ElementsAre("cannot-tell Procfile:1"));
}

TEST(Doctor, FindsWebAfterManyOtherProcesses) {
  std::string procfile;
  for (int i = 0; i < 300; ++i) procfile += "w" + std::to_string(i) + ": true\n";
  EXPECT_THAT(app_with(procfile + "web: APP_PORT=3000 MESH npm start").found(), IsEmpty());
}

TEST(Doctor, ReadsFlagsBeforeTheSubcommand) {
  for (const char* command :
       {"thin -p 4000 -R config.ru start", "vite --port 4000 preview", "vite --port 4000 --mode dev"}) {
    EXPECT_THAT(app_with(std::string("web: APP_PORT=4000 MESH ") + command).found(), IsEmpty()) << command;
  }
  EXPECT_THAT(app_with("web: APP_PORT=4000 MESH thin -p $PORT start").found(), ElementsAre("same-port Procfile:1"));
}

TEST(Doctor, SuggestsNoLineThatKeepsThePublicPort) {
  const auto suggestion_for = [](const std::string& command) {
    return app_with("web: " + command).suggestion_for("mesh-not-used");
  };
  EXPECT_EQ(suggestion_for("ROCKET_PORT=$PORT ./app"),
            filled("web: APP_PORT=3000 ROCKET_PORT=3000 MESH env PORT=3000 ./app", kInt));
  EXPECT_EQ(suggestion_for("env A=b PORT=$PORT node x.js"),
            filled("web: APP_PORT=3000 MESH env A=b PORT=3000 node x.js", kInt));
  EXPECT_EQ(suggestion_for("export PORT=$PORT; node x.js"),
            filled("web: export PORT=$PORT; APP_PORT=3000 MESH env PORT=3000 node x.js", kInt));
  EXPECT_EQ(suggestion_for("GUNICORN_CMD_ARGS=\"-b :$PORT\" gunicorn a:b"),
            filled("web: APP_PORT=3000 GUNICORN_CMD_ARGS=\"-b :3000\" MESH gunicorn a:b", kInt));
  EXPECT_EQ(suggestion_for("bun --port=$PORT x.ts"),
            filled("web: APP_PORT=3000 MESH env PORT=3000 bun --port=3000 x.ts", kInt));
  EXPECT_EQ(suggestion_for("command node x.js"), filled("web: APP_PORT=3000 MESH env PORT=3000 node x.js", kInt));
}

TEST(Doctor, MakesNoClaimIfThePortMayComeFromElsewhere) {
  DoctoredApp app = app_with("");
  app.files["pom.xml"] = "<artifactId>spring-boot-starter-web</artifactId>";
  const auto found = [&](const std::string& command) {
    app.files["Procfile"] = filled("web: " + command + "\n", kInt);
    return app.found();
  };
  for (const char* command :
       {"APP_PORT=8000 MESH env -u PORT gunicorn a:b", "APP_PORT=8000 MESH env -i gunicorn a:b",
        "APP_PORT=8000 MESH sh -c \"unset PORT; exec gunicorn a:b\"",
        "ARGS='-b :3000'; APP_PORT=3000 MESH gunicorn a:b $ARGS",
        "APP_PORT=3000 MESH java -jar target/a.jar --spring.config.location=x.properties",
        "JDK_JAVA_OPTIONS=-Dserver.port=3000 APP_PORT=3000 MESH java -jar target/a.jar",
        "SPRING_CONFIG_IMPORT=file:x APP_PORT=3000 MESH java -jar target/a.jar",
        "SPRING_CONFIG_ADDITIONAL_LOCATION=x APP_PORT=3000 MESH java -jar target/a.jar",
        "SPRING_CONFIG_NAME=x APP_PORT=3000 MESH java -jar target/a.jar", "APP_PORT=3000 MESH java -jar tools/a.jar",
        "APP_PORT=3000 MESH java -jar target/a.jar --listen-port 3000",
        "SPRING_APPLICATION_JSON='{}' APP_PORT=3000 MESH java -jar target/a.jar"}) {
    EXPECT_THAT(found(command), IsEmpty()) << command;
  }
  EXPECT_THAT(found("APP_PORT=3000 MESH java -jar target/a.jar"), ElementsAre("app-port-mismatch Procfile:1"));
  app.files["config/application.yml"] = "server: {port: 3000}";
  EXPECT_THAT(found("APP_PORT=3000 MESH java -jar target/a.jar"), IsEmpty());
  app.files[".flaskenv"] = "FLASK_RUN_PORT=3000\n";
  EXPECT_THAT(found("APP_PORT=3000 MESH flask run"), IsEmpty());
  app.config_known = false;
  EXPECT_THAT(found("APP_PORT=3000 MESH gunicorn a:b $ARGS"), IsEmpty());
}

TEST(Doctor, FindsThePublicPortInTheArgumentsOfAnyProgram) {
  EXPECT_THAT(app_with("web: APP_PORT=3000 MESH node x.js --port $PORT").found(), ElementsAre("same-port Procfile:1"));
}

TEST(Doctor, MovesALeadingRedirectionOnce) {
  DoctoredApp app = app_with("web: >log APP_PORT=3000 MESH -- npm start");
  EXPECT_EQ(app.suggestion_for("dashdash-on-integration"), filled("web: APP_PORT=3000 MESH npm start >log", kInt));
  app = app_with("web: APP_PORT=3000 MESH npm start\nworker: >log MESH node x");
  EXPECT_EQ(app.suggestion_for("mesh-on-non-web"), "worker: node x >log");
}

TEST(Doctor, AcceptsALargeSettingsFile) {
  DoctoredApp app = app_with("web: APP_PORT=3000 MESH npm start");
  app.files["heroku-integration-service-mesh.yaml"] = std::string(100'000, '#');
  EXPECT_THAT(app.found(), IsEmpty());
}

TEST(Description, ShowsIdLocationMessageAndSuggestion) {
  const DoctoredApp app = app_with("web: APP_PORT=3000 MESH -- npm start");
  EXPECT_EQ(describe(app.examine().findings.at(0)),
            "dashdash-on-integration (error), Procfile:1\n"
            "The mesh treats \"--\" as the app's program and ends with \"exec: not started\". Remove it.\n"
            "Write instead:\n"
            "  web: APP_PORT=3000 heroku-integration-service-mesh npm start");
}

TEST(Description, NamesAVariableAsTheShellDoes) {
  const DoctoredApp app = app_with("web: APP_PORT=3000 MESH uvicorn a:b --port $APP_PORT");
  EXPECT_THAT(app.examine().findings.at(0).message, StartsWith("The shell replaces $APP_PORT before"));
}

TEST(Json, ContainsAllFields) {
  EXPECT_EQ(json(app_with("web: APP_PORT=3000 MESH -- x").examine()),
            R"({"findings":[{"id":"dashdash-on-integration","location":"Procfile:1",)"
            R"("message":"The mesh treats \"--\" as the app's program and ends with \"exec: not started\". Remove it.",)"
            R"("severity":"error","suggestion":"web: APP_PORT=3000 heroku-integration-service-mesh x"}],)"
            R"("mistakes":1,"product":"integration","web":"wrapped"})");
}

TEST(Checkup, CountsEachMistakeOnceAndNoNotes) {
  DoctoredApp app = app_with("web: MESH\nworker: MESH x\nclock: MESH x");
  app.config.clear();
  EXPECT_THAT(app.examine().mistakes(), ElementsAre("mesh-on-non-web", "no-command"));
}

TEST(Doctor, TreatsAMeshThatTheShellCannotFindAsMissing) {
  for (const std::string command : {"APP_PORT=3000 npx MESH npm start", "APP_PORT=3000 /usr/bin/MESH npm start",
                                    "CMD [\"MESH\", \"npm\"]", "APP_PORT=3000 heroku integration service mesh npm start"}) {
    EXPECT_EQ(app_with("web: " + command).examine().web, WebProcess::unwrapped) << command;
  }
}

TEST(Doctor, ReportsMissingScriptsOfPackageJson) {
  DoctoredApp app = app_with("");
  app.files["package.json"] = R"({"scripts": {"web": "next start -p 3000"}})";
  const auto found = [&](const std::string& command) {
    app.files["Procfile"] = filled("web: APP_PORT=3000 MESH " + command + "\n", kInt);
    return app.found();
  };
  for (const char* command : {"npm start", "npm run serve", "npm run-script serve", "env A=b npm run serve"}) {
    EXPECT_THAT(found(command), ElementsAre("unknown-script Procfile:1")) << command;
  }
  for (const char* command : {"npm run web", "npm run env", "npm run serve --if-present", "npm run serve -w api",
                              "npm --loglevel run serve", "npm run --loglevel error web", "npm run $SCRIPT",
                              "npm run serve -ws", "yarn serve", "yarn run serve", "npm ci", "npm start --prefix api"}) {
    EXPECT_THAT(found(command), Not(Contains("unknown-script Procfile:1"))) << command;
  }
  app.files["server.js"] = "";
  EXPECT_THAT(found("npm start"), IsEmpty());
  EXPECT_THAT(found("npm run serve"), ElementsAre("unknown-script Procfile:1"));
  app.files["Procfile"] = filled("web: cd $DIR && APP_PORT=3000 MESH npm run serve\n", kInt);
  EXPECT_THAT(app.found(), IsEmpty());
  for (const char* command : {"npm run restart", "env npm_config_if_present=true npm run serve"}) {
    EXPECT_THAT(found(command), Not(Contains("unknown-script Procfile:1"))) << command;
  }
  for (const char* line : {"if-present=true", "workspace=api", "prefix=api"}) {
    app.files[".npmrc"] = std::string("fund=false\n") + line + "\n";
    EXPECT_THAT(found("npm run serve"), Not(Contains("unknown-script Procfile:1"))) << line;
  }
  app.files[".npmrc"] = "fund=false\n";
  EXPECT_THAT(found("npm run serve"), ElementsAre("unknown-script Procfile:1"));
  app.config["NPM_CONFIG_IF_PRESENT"] = "true";
  EXPECT_THAT(found("npm run serve"), Not(Contains("unknown-script Procfile:1")));
  app.config.erase("NPM_CONFIG_IF_PRESENT");
  app.files["package.json"] = "{";
  EXPECT_THAT(found("npm run serve"), Not(Contains("unknown-script Procfile:1")));
}

TEST(Doctor, RejectsAnUnknownAppPortAsThePortOfTheMesh) {
  DoctoredApp app = app_with("web: MESH --port=$APP_PORT -- node server.js", Product::applink);
  app.config_known = false;
  EXPECT_EQ(app.suggestion_for("mesh-port"),
            filled("web: APP_PORT=3000 MESH -- env PORT=3000 node server.js", Product::applink));
}

TEST(Doctor, FindsAMeshThatStartsItsOwnScript) {
  DoctoredApp app = app_with("web: ./start.sh");
  app.files["start.sh"] = filled("#!/bin/sh\nAPP_PORT=3000 MESH ./start.sh\n", kInt);
  EXPECT_THAT(app.found(), ElementsAre("nested-mesh start.sh:2"));
}

TEST(Doctor, SuggestsALineOfAScriptWithTheCommandsBeforeTheMesh) {
  DoctoredApp app = app_with("web: ./start.sh");
  app.files["start.sh"] = filled("#!/bin/sh\nset -e\n  cd api && APP_PORT=3000 MESH -- npm start\n", kInt);
  EXPECT_EQ(app.suggestion_for("dashdash-on-integration"), filled("cd api && APP_PORT=3000 MESH npm start", kInt));
}

TEST(Doctor, SuggestsBothPortsWithoutConfigVars) {
  DoctoredApp app = app_with("web: MESH -- uvicorn a:b --port 8080");
  app.config_known = false;
  EXPECT_EQ(app.suggestion_for("dashdash-on-integration"), filled("web: APP_PORT=8080 MESH uvicorn a:b --port 8080", kInt));
}

TEST(Doctor, SuggestsNothingForAMalformedAppPort) {
  EXPECT_EQ(app_with("web: APP_PORT=three MESH npm start").suggestion_for("app-port-invalid"), "");
}

TEST(Doctor, SuggestsAPortForAnAppThatReadsPortOnly) {
  DoctoredApp app = app_with("web: APP_PORT=3000 ./MESH node server.js");
  app.files["server.js"] = "http.createServer(serve).listen(process.env.PORT || 3000)";
  EXPECT_EQ(app.suggestion_for("mesh-path"),
            filled("web: APP_PORT=3000 MESH env PORT=3000 node server.js", Product::integration));
  app.files["server.js"] = "http.createServer(serve).listen(process.env.APP_PORT || 3000)";
  EXPECT_EQ(app.suggestion_for("mesh-path"), filled("web: APP_PORT=3000 MESH node server.js", Product::integration));
}

}  // namespace
}  // namespace mesh::buildpack::doctor
