#include "buildpack/verify/signature.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "buildpack/base/fingerprint.h"
#include "buildpack/verify/signed_message.h"
#include "common/text.h"

namespace mesh::buildpack {
namespace {

constexpr std::chrono::seconds kLimit{30};
constexpr std::string_view kStatus = "[GNUPG:] ";
constexpr std::size_t kMaxInput = 1 << 20;

// RFC 4648, section 4.
std::optional<unsigned> sextet(char c) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t value = kDigits.find(c);
  if (value == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned>(value);
}

// Returns the bytes of a line of base64; nullopt for any other line.
std::optional<std::string> decoded(std::string_view line) {
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  while (line.ends_with('=')) line.remove_suffix(1);
  for (const char c : line) {
    const auto value = sextet(c);
    if (!value) return std::nullopt;
    bits = (bits << 6 | *value) & 0xFFFFFF;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFF);
  }
  return bytes;
}

// Returns whether these may be OpenPGP packets: the first bit of each is set (RFC 4880, section 4.2).
bool is_binary(std::string_view bytes) { return !bytes.empty() && (static_cast<unsigned char>(bytes.front()) & 0x80) != 0; }

// The contents of the status lines of all signatures.
struct Status {
  SignedBy good;
  std::vector<std::string> unknown_keys = {};
  bool bad = false;
  bool revoked = false;
  bool expired = false;
  bool no_data = false;
};

// Returns the word of a status line at `index`; 0 is the keyword.
std::string_view word(const std::vector<std::string_view>& words, std::size_t index) {
  return index < words.size() ? words[index] : "";
}

class StatusReader {
 public:
  void read(std::string_view line) {
    if (!line.starts_with(kStatus)) return;
    const auto words = text::split(text::trim(line.substr(kStatus.size())), ' ');
    const std::string_view keyword = words.front();
    if (keyword == "NEWSIG") kind_ = {};
    if (keyword == "GOODSIG" || keyword == "EXPKEYSIG" || keyword == "REVKEYSIG" || keyword == "EXPSIG") kind_ = keyword;
    if (keyword == "BADSIG") status_.bad = true;
    if (keyword == "NODATA" || keyword == "UNEXPECTED") status_.no_data = true;
    if (keyword == "NO_PUBKEY") status_.unknown_keys.push_back(text::printable_line(word(words, 1), 64));
    if (keyword == "VALIDSIG") take_valid(words);
  }

  const Status& status() const { return status_; }

 private:
  void take_valid(const std::vector<std::string_view>& words) {
    if (kind_ == "REVKEYSIG") status_.revoked = true;
    if (kind_ == "EXPSIG") status_.expired = true;
    if (kind_ != "GOODSIG" && kind_ != "EXPKEYSIG") return;
    const auto fingerprint = parse_fingerprint(words.size() > 10 ? words[10] : word(words, 1));
    if (!fingerprint) return;
    if (status_.good.fingerprints.empty()) status_.good.key_has_expired = kind_ == "EXPKEYSIG";
    status_.good.fingerprints.push_back(*fingerprint);
  }

  Status status_;
  std::string kind_;  // of the current signature
};

// Returns the content with a text before it.
ByteSource behind(std::string text, ByteSource content) {
  return [text = std::move(text),
          content = std::move(content)](std::span<std::byte> buffer) mutable -> common::Result<std::optional<std::size_t>> {
    if (text.empty()) return content(buffer);
    const std::size_t count = std::min(text.size(), buffer.size());
    std::ranges::copy(std::as_bytes(std::span(text)).first(count), buffer.begin());
    text.erase(0, count);
    return std::optional(count);
  };
}

std::string last_line(std::string_view text) {
  text = text::trim(text);
  return text::printable_line(text.substr(text.rfind('\n') + 1), 160);
}

Failure malformed_signature() {
  return {Reason::verify_signature_malformed, "The downloaded signature is not an OpenPGP signature."};
}

Result<SignedBy> judge(const ProgramEnd& end) {
  StatusReader reader;
  for (const std::string_view line : text::split(end.output, '\n')) reader.read(line);
  const Status& status = reader.status();
  if (end.timed_out) return Failure{Reason::verify_tool_failed, fmt::format("gpgv timed out after {} s", kLimit.count())};
  if (end.signal != 0) return Failure{Reason::verify_tool_failed, fmt::format("gpgv was killed by signal {}", end.signal)};
  if (status.bad) return Failure{Reason::verify_signature_bad, ""};
  if (!status.good.fingerprints.empty()) return status.good;
  if (status.revoked) return Failure{Reason::verify_key_revoked, ""};
  if (status.expired) return Failure{Reason::verify_signature_expired, ""};
  if (!status.unknown_keys.empty()) {
    return Failure{Reason::verify_key_unknown, fmt::format("signed with {}", fmt::join(status.unknown_keys, ", "))};
  }
  if (status.no_data) return malformed_signature();
  return Failure{Reason::verify_tool_failed, last_line(end.errors)};
}

}  // namespace

std::optional<std::string> without_armour(std::string_view text) {
  // A byte order mark is not the start of a packet.
  if (!text.starts_with(text::kByteOrderMark) && is_binary(text)) return std::string(text);
  text = text::without_byte_order_mark(text);
  std::string bytes;
  enum class Where { outside, headers, data } where = Where::outside;
  for (const std::string_view raw : text::split(text, '\n')) {
    const std::string_view line = text::trim(raw);
    if (line.starts_with("-----BEGIN PGP ")) {
      where = Where::headers;
    } else if (line.starts_with("-----END PGP ")) {
      where = Where::outside;
    } else if (where == Where::headers) {
      if (line.empty()) where = Where::data;
    } else if (where == Where::data && !line.starts_with('=')) {
      const auto part = decoded(line);
      if (!part) return std::nullopt;
      bytes += *part;
    }
  }
  if (!is_binary(bytes)) return std::nullopt;
  return bytes;
}

Result<SignedBy> check_signature(const SignatureCheck& check, Files& files, Processes& processes) {
  const auto keyring = check.public_key.size() > kMaxInput ? std::nullopt : without_armour(check.public_key);
  if (!keyring) return Failure{Reason::verify_signature_malformed, "The downloaded key is not an OpenPGP key."};
  const auto signature = check.signature.size() > kMaxInput ? std::nullopt : without_armour(check.signature);
  // gpgv must see only signatures, so that they cannot apply to other content than the file.
  if (!signature || !contains_only_signatures(*signature)) return malformed_signature();
  const auto message = check.bytes ? signed_message_head(*signature, *check.bytes) : std::nullopt;
  TRY(files.replace(check.scratch / "keyring.gpg", *keyring));
  TRY(files.replace(check.scratch / "signature.sig", *signature));
  Program gpgv{.file = check.gpgv, .input = check.content, .limit = kLimit};
  if (message) gpgv.input = behind(*message, check.content);
  gpgv.arguments = {"--status-fd", "1", "--keyring", (check.scratch / "keyring.gpg").native(), "--", "-"};
  if (!message) gpgv.arguments.insert(gpgv.arguments.end() - 1, (check.scratch / "signature.sig").native());
  gpgv.environment = {"LC_ALL=C", "HOME=/nonexistent", "PATH=/usr/bin:/bin"};
  TRY_ASSIGN(const ProgramEnd end, processes.run(gpgv));
  return judge(end);
}

Result<TrustedKey> judge_key(const SignedBy& by, const KeyPolicy& policy) {
  const auto is_by = [&](const std::string& key) {
    return std::ranges::find(by.fingerprints, key) != by.fingerprints.end();
  };
  const std::string signers = fmt::format("{}", fmt::join(by.fingerprints, ", "));
  if (!policy.pinned.empty()) {
    const auto pinned = std::ranges::find_if(policy.pinned, is_by);
    if (pinned != policy.pinned.end()) return TrustedKey{*pinned, KeyTrust::pinned};
    return Failure{Reason::verify_key_unknown,
                   fmt::format("signed with {}, pinned: {}", signers, fmt::join(policy.pinned, ", "))};
  }
  if (policy.remembered) {
    if (is_by(*policy.remembered)) return TrustedKey{*policy.remembered, KeyTrust::remembered};
    return Failure{Reason::verify_key_changed,
                   fmt::format("signed with {}, earlier builds: {}", signers, *policy.remembered)};
  }
  if (by.key_has_expired) return Failure{Reason::verify_key_expired, by.fingerprints.front()};
  return TrustedKey{by.fingerprints.front(), KeyTrust::first_use};
}

}  // namespace mesh::buildpack
