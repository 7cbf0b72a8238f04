#include <algorithm>

#include "buildpack/base/fingerprint.h"
#include "buildpack/verify/signature.h"
#include "buildpack/verify/signed_message.h"
#include "fuzz/fuzz.h"
#include "support/cpp/memory_files.h"

// Fuzzes OpenPGP armour and the status lines of gpgv.
namespace mesh::buildpack::fuzz {
namespace {

constexpr std::size_t kLiteralHead = 12;

std::string armoured(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result = "-----BEGIN PGP SIGNATURE-----\n\n";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned bits = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t j = 0; j < 3; ++j) bits = bits << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) result += j <= count ? kDigits[bits >> (18 - 6 * j) & 0x3F] : '=';
    if (i % 48 == 45) result += '\n';
  }
  return result + "\n=AAAA\n-----END PGP SIGNATURE-----\n";
}

void check_armour(std::string_view text) {
  const auto bytes = without_armour(text);
  if (!bytes) return;
  MUST(!bytes->empty() && (static_cast<unsigned char>(bytes->front()) & 0x80) != 0);
  MUST(bytes->size() <= text.size());
  MUST(without_armour(armoured(*bytes)) == bytes);
  MUST(without_armour(*bytes) == bytes);
  const auto head = signed_message_head(*bytes, text.size());
  MUST(!head || (head->starts_with(*bytes) && head->size() == bytes->size() + kLiteralHead));
}

// A fake gpgv with the given output.
class Oracle final : public Processes {
 public:
  explicit Oracle(std::string_view words) : words_(words) {}
  common::Result<ProgramEnd> run(const Program&) override {
    return ProgramEnd{.exit_code = 0, .output = words_, .errors = words_};
  }

 private:
  std::string words_;
};

// Returns whether a status line has this keyword. Ignores spaces before it.
bool has_status(std::string_view text, std::string_view keyword) {
  constexpr std::string_view kStatus = "[GNUPG:] ";
  const auto lines = text::split(text, '\n');
  return std::ranges::any_of(lines, [&](std::string_view line) {
    return line.starts_with(kStatus) && text::split(text::trim(line.substr(kStatus.size())), ' ').front() == keyword;
  });
}

void check_status(std::string_view words) {
  MemoryFiles files;
  files.put_directory("/scratch");
  Oracle gpgv(words);
  const auto signed_by = check_signature({{}, std::nullopt, "\x88", "\x98", "/scratch", "/gpgv"}, files, gpgv);
  if (!signed_by) {
    MUST(area(signed_by.failure()) == "verify");
    MUST(is_printable_line(signed_by.failure().detail));
    return;
  }
  MUST(!signed_by->fingerprints.empty());
  MUST(has_status(words, "VALIDSIG"));
  MUST(has_status(words, "GOODSIG") || has_status(words, "EXPKEYSIG"));
  MUST(!has_status(words, "BADSIG"));
  for (const std::string& fingerprint : signed_by->fingerprints) MUST(parse_fingerprint(fingerprint) == fingerprint);
  const auto first = judge_key(*signed_by, {});
  MUST(first ? first->trust == KeyTrust::first_use : signed_by->key_has_expired);
  MUST(judge_key(*signed_by, {.pinned = {signed_by->fingerprints.back()}}));
  MUST(!judge_key(*signed_by, {.pinned = {"none of them"}}));
}

}  // namespace
}  // namespace mesh::buildpack::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = mesh::buildpack::fuzz::as_text(data, size);
  mesh::buildpack::fuzz::check_armour(text);
  mesh::buildpack::fuzz::check_status(text);
  return 0;
}
