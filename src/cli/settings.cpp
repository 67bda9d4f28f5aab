#include "cli/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "base/backup_schedule.hpp"
#include "base/log_line.hpp"
#include "base/utf8.hpp"
#include "cli/address_checks.hpp"
#include "cli/byte_size.hpp"
#include "mosaic/request_id.hpp"
#include "net/redis_url.hpp"

namespace mosaic::cli {
namespace {

constexpr std::size_t kPathBytes = 4'096;
constexpr std::size_t kNodeNameBytes = 128;
constexpr std::size_t kApiKeyBytes = 4'096;
constexpr std::uint64_t kMegabyte = 1 << 20;
constexpr std::uint64_t kTerabyte = std::uint64_t{1} << 40;
constexpr std::uint64_t kPetabyte = std::uint64_t{1} << 50;
constexpr std::uint32_t kThreads = 1'024;
constexpr std::uint32_t kIndexThreads = 256;
constexpr std::uint32_t kHourS = 3'600;
constexpr std::uint32_t kYearS = 365 * 24 * kHourS;
constexpr std::uint32_t kTimeoutMs = 600'000;
constexpr std::uint32_t kInFlight = 100'000;
/// SIGTERM ends a node within 30 seconds.
constexpr std::uint32_t kStopTimeoutS = 25;
constexpr std::uint32_t kVoters = 7;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_path(std::string_view text) {
  const bool printable = is_utf8(text) && std::none_of(text.begin(), text.end(), is_control);
  return !text.empty() && text.size() <= kPathBytes && printable;
}

Status check_path(std::string_view text) {
  if (is_path(text)) return {};
  return invalid(fmt::format("must be a folder's path of 1 to {} bytes", kPathBytes));
}

bool is_name(std::string_view text) {
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  const auto is_inner = [&](char c) { return is_word(c) || c == '_' || c == '-' || c == '.'; };
  return !text.empty() && text.size() <= kNodeNameBytes && is_word(text.front()) &&
         std::all_of(text.begin(), text.end(), is_inner);
}

Status check_node_name(std::string_view text) {
  if (text.empty() || is_name(text)) return {};
  return invalid("must be empty or up to 128 letters, digits, '.', '_' and '-'");
}

Status check_collection(std::string_view text) {
  if (is_name(text) && text.find('.') == std::string_view::npos) return {};
  return invalid("must be a collection's name: up to 128 letters, digits, '_' and '-'");
}

/// What may stand in a header.
Status check_api_key(std::string_view text) {
  const auto outside = [](unsigned char c) { return c <= 0x20 || c >= 0x7f; };
  if (text.size() <= kApiKeyBytes && std::none_of(text.begin(), text.end(), outside)) return {};
  return invalid(fmt::format("must be up to {} characters of ASCII without blanks", kApiKeyBytes));
}

Status check_redis_url(std::string_view text) {
  if (text.empty()) return {};
  const auto url = net::parse_redis_url(text);
  return url ? Status() : Status(url.error());
}

Status check_level(std::string_view text) {
  if (log::level_of(text)) return {};
  return invalid("must be trace, debug, info, warn, error, critical or off");
}

Status check_log_format(std::string_view text) {
  return text == "text" || text == "json" ? Status() : invalid("must be text or json");
}

Status check_file_if_any(std::string_view text) {
  if (text.empty() || is_path(text)) return {};
  return invalid(fmt::format("must be empty or a file's path of up to {} bytes", kPathBytes));
}

Status check_schedule(std::string_view text) {
  const auto schedule = parse_backup_schedule(text);
  return schedule ? Status() : Status(schedule.error());
}

Status check_target_if_any(std::string_view text) {
  if (text.empty()) return {};
  const bool known = text.substr(0, 8) == "file:///" || text.substr(0, 5) == "s3://";
  if (known && is_path(text)) return {};
  return invalid("must be empty, file:///FOLDER or s3://BUCKET/PREFIX");
}

Status check_endpoint_if_any(std::string_view text) {
  if (text.empty()) return {};
  const bool known = text.substr(0, 7) == "http://" || text.substr(0, 8) == "https://";
  if (known && check_api_key(text)) return {};
  return invalid("must be empty or http(s)://HOST[:PORT]");
}

constexpr Setting in_bytes(Setting setting) {
  setting.bytes = true;
  return setting;
}

#define MOSAIC_REF(member) [](NodeSettings& s) -> SettingRef { return &s.member; }

constexpr std::array kTable = {
    Setting{"node", "data_dir", "data-dir", "Folder of everything the node keeps",
            MOSAIC_REF(node.data_dir), 0, 0, check_path},
    Setting{"node", "name", "node-name", "Name of this node; empty: the host's name",
            MOSAIC_REF(node.name), 0, 0, check_node_name},
    Setting{"node", "stop_timeout_s", "",
            "Seconds that parts may take to end; then they are left behind",
            MOSAIC_REF(node.stop_timeout_s), 1, kStopTimeoutS},
    Setting{"http", "listen", "listen", "Address of the HTTP server; port 0 picks a free one",
            MOSAIC_REF(http.listen), 0, 0, check_listen},
    Setting{"http", "threads", "", "Threads that serve HTTP; 0: one per core",
            MOSAIC_REF(http.threads), 0, kThreads},
    in_bytes(Setting{"http", "body_bytes_max", "", "Largest body of a request in bytes",
                     MOSAIC_REF(http.body_bytes_max), 1'024, 1'024 * kMegabyte}),
    in_bytes(Setting{"http", "header_bytes_max", "", "Largest head of a request in bytes",
                     MOSAIC_REF(http.header_bytes_max), 1'024, kMegabyte}),
    Setting{"http", "connections_max", "",
            "Connections at a time; past it idle ones are closed, or new ones refused",
            MOSAIC_REF(http.connections_max), 1, 1'000'000},
    Setting{"http", "idle_timeout_s", "", "Seconds until a connection without a request is closed",
            MOSAIC_REF(http.idle_timeout_s), 1, kHourS},
    Setting{"http", "request_timeout_s", "", "Seconds within which a request must have arrived",
            MOSAIC_REF(http.request_timeout_s), 1, kHourS},
    Setting{"http", "drain_notice_ms", "",
            "Milliseconds after SIGTERM with new requests served, while /ready says no",
            MOSAIC_REF(http.drain_notice_ms), 0, 60'000},
    Setting{"http", "drain_timeout_s", "", "Seconds that SIGTERM waits for requests under way",
            MOSAIC_REF(http.drain_timeout_s), 0, kHourS},
    in_bytes(Setting{"http", "bodies_bytes_max", "",
                     "Bodies of all requests under way in bytes; more are refused as overloaded",
                     MOSAIC_REF(http.bodies_bytes_max), kMegabyte, kTerabyte}),
    Setting{"search", "default_collection", "", "Collection that POST /api/search asks",
            MOSAIC_REF(search.default_collection), 0, 0, check_collection},
    Setting{"search", "create_default", "",
            "Whether default_collection is made at start if it is missing",
            MOSAIC_REF(search.create_default)},
    Setting{"search", "timeout_ms", "", "Milliseconds of a search that names none itself",
            MOSAIC_REF(search.timeout_ms), 1, kTimeoutMs},
    Setting{"search", "threads", "", "Threads that search; 0: twice the cores",
            MOSAIC_REF(search.threads), 0, kThreads},
    Setting{"search", "searchers_per_shard", "", "Searches that one shard runs at a time",
            MOSAIC_REF(search.searchers_per_shard), 1, 64},
    in_bytes(Setting{"search", "filter_cache_bytes", "", "Memory for remembered filters, per shard",
                     MOSAIC_REF(search.filter_cache_bytes), 0, kTerabyte}),
    in_bytes(Setting{"search", "result_cache_bytes", "",
                     "Memory for answers that are given again until something is written; 0: none",
                     MOSAIC_REF(search.result_cache_bytes), 0, kTerabyte}),
    Setting{"search", "in_flight_max", "",
            "Searches worked on at a time, more are refused; 0: 32 per core, at least 64",
            MOSAIC_REF(search.in_flight_max), 0, kInFlight},
    Setting{"search", "in_flight_overload", "",
            "Searches let in at a time while overloaded; 0: three per two cores",
            MOSAIC_REF(search.in_flight_overload), 0, kInFlight},
    Setting{"write", "timeout_ms", "", "Milliseconds until a write answers at the latest",
            MOSAIC_REF(write.timeout_ms), 1, kTimeoutMs},
    in_bytes(
        Setting{"write", "queue_bytes_max", "",
                "Writes that may wait per collection, in bytes; more are refused as overloaded",
                MOSAIC_REF(write.queue_bytes_max), kMegabyte, kTerabyte}),
    Setting{"write", "in_flight_max", "",
            "Writing requests worked on at a time; more are refused as overloaded",
            MOSAIC_REF(write.in_flight_max), 1, kInFlight},
    in_bytes(Setting{"storage", "wal_bytes_max", "",
                     "Size of a shard's WAL at which it is checkpointed",
                     MOSAIC_REF(storage.wal_bytes_max), kMegabyte, kTerabyte}),
    Setting{"storage", "checkpoint_interval_s", "", "Seconds between checkpoints at the most",
            MOSAIC_REF(storage.checkpoint_interval_s), 1, 24 * kHourS},
    Setting{
        "backup", "schedule", "",
        "When all collections are backed up: every 24h, say, or daily at 03:00 UTC; empty: never",
        MOSAIC_REF(backup.schedule), 0, 0, check_schedule},
    Setting{"backup", "target", "",
            "Where scheduled backups go: file:///FOLDER or s3://BUCKET/PREFIX",
            MOSAIC_REF(backup.target), 0, 0, check_target_if_any},
    Setting{"backup", "keep", "",
            "Backups of each collection that are kept after a scheduled one; 0: all",
            MOSAIC_REF(backup.keep), 0, 100'000},
    Setting{"backup", "s3_endpoint", "",
            "Server for s3:// targets, as http(s)://HOST[:PORT]; empty: AWS",
            MOSAIC_REF(backup.s3_endpoint), 0, 0, check_endpoint_if_any},
    Setting{"backup", "s3_region", "", "Region for s3:// targets; empty: AWS_REGION or us-east-1",
            MOSAIC_REF(backup.s3_region), 0, 0, check_api_key},
    Setting{"backup", "s3_credentials_file", "",
            "File of credentials for s3:// targets; empty: AWS_ACCESS_KEY_ID and so on",
            MOSAIC_REF(backup.s3_credentials_file), 0, 0, check_file_if_any},
    Setting{"history", "purge_interval_s", "",
            "Seconds between looks for versions that need not be kept any longer",
            MOSAIC_REF(history.purge_interval_s), 1, 24 * kHourS},
    Setting{"index", "threads", "", "Threads that build indexes, on the whole node",
            MOSAIC_REF(index.threads), 1, kIndexThreads},
    in_bytes(Setting{"limits", "memory", "",
                     "Memory of the process past which writes are refused; 0: no limit",
                     MOSAIC_REF(limits.memory), 0, kPetabyte}),
    in_bytes(Setting{"limits", "disk_free", "",
                     "Room that writes leave on the disk of the data folder; 0: no limit",
                     MOSAIC_REF(limits.disk_free), 0, kPetabyte}),
    Setting{"limits", "collection_documents", "", "Most documents of one collection; 0: no limit",
            MOSAIC_REF(limits.collection_documents), 0, 1'000'000'000'000},
    Setting{"embedding", "api_key", "", "Bearer token for the endpoints that collections name",
            MOSAIC_REF(embedding.api_key), 0, 0, check_api_key, true},
    in_bytes(Setting{"embedding", "cache_bytes", "", "Memory for vectors that endpoints gave",
                     MOSAIC_REF(embedding.cache_bytes), 0, kTerabyte}),
    Setting{"embedding", "timeout_ms", "", "Milliseconds of one attempt to ask an endpoint",
            MOSAIC_REF(embedding.timeout_ms), 1, kTimeoutMs},
    Setting{"embedding", "batch_max", "", "Texts in one request to an endpoint",
            MOSAIC_REF(embedding.batch_max), 1, 2'048},
    Setting{"embedding", "attempts_max", "", "Attempts until an endpoint counts as down",
            MOSAIC_REF(embedding.attempts_max), 1, 10},
    Setting{"cache", "redis_url", "",
            "Redis where nodes share vectors of endpoints, as redis://HOST:PORT; empty: none",
            MOSAIC_REF(cache.redis_url), 0, 0, check_redis_url, true},
    Setting{"cache", "redis_ttl_s", "", "Seconds that Redis keeps a vector",
            MOSAIC_REF(cache.redis_ttl_s), 1, kYearS},
    Setting{"cache", "redis_timeout_ms", "", "Milliseconds that Redis may take for a batch",
            MOSAIC_REF(cache.redis_timeout_ms), 1, 10'000},
    Setting{"caf", "listen", "", "Address for CAF clients; empty: none", MOSAIC_REF(caf.listen), 0,
            0, check_listen_if_any},
    Setting{"cluster", "listen", "cluster-listen",
            "Where other nodes find this one; empty: host of http.listen, a free port that is kept",
            MOSAIC_REF(cluster.listen), 0, 0, check_listen_if_any},
    Setting{"cluster", "log_port", "", "Port of the log at that host; 0: a free one that is kept",
            MOSAIC_REF(cluster.log_port), 0, 65'535},
    Setting{"cluster", "advertise", "", "Host that others are told; empty: that of cluster.listen",
            MOSAIC_REF(cluster.advertise), 0, 0, check_host_if_any},
    Setting{"cluster", "join", "join",
            "HTTP addresses of nodes whose cluster to join; only a hint where there is data",
            MOSAIC_REF(cluster.join), 0, 0, check_node_address},
    Setting{"cluster", "voters", "", "Nodes that vote, at most; an odd number",
            MOSAIC_REF(cluster.voters), 1, kVoters},
    in_bytes(Setting{"cluster", "move_bytes_per_s", "",
                     "Bytes a second that a shard takes on its way from another node",
                     MOSAIC_REF(cluster.move_bytes_per_s), 65'536, kTerabyte}),
    Setting{"cluster", "insecure", "", "Whether other machines may connect without certificates",
            MOSAIC_REF(cluster.insecure)},
    Setting{"cluster", "certificate", "", "PEM file of this node's certificate; empty: none",
            MOSAIC_REF(cluster.certificate), 0, 0, check_file_if_any},
    Setting{"cluster", "key", "", "PEM file of its private key; empty: none",
            MOSAIC_REF(cluster.key), 0, 0, check_file_if_any},
    Setting{"cluster", "ca", "", "PEM file of the authority that all nodes trust; empty: none",
            MOSAIC_REF(cluster.ca), 0, 0, check_file_if_any},
    Setting{"debug", "fault_injection", "", "Whether parts may be made to fail on purpose",
            MOSAIC_REF(debug.fault_injection)},
    Setting{"log", "level", "", "trace, debug, info, warn, error, critical or off",
            MOSAIC_REF(log.level), 0, 0, check_level},
    Setting{"log", "format", "", "Lines as text or as json: one object a line",
            MOSAIC_REF(log.format), 0, 0, check_log_format},
    Setting{"log", "file", "", "File of the log; empty: stderr", MOSAIC_REF(log.file), 0, 0,
            check_file_if_any},
    in_bytes(Setting{"log", "file_bytes_max", "",
                     "Size of the log's file at which a new one is begun",
                     MOSAIC_REF(log.file_bytes_max), 64 << 10, kTerabyte}),
    Setting{"log", "files_max", "", "Files of the log that are kept, the newest included",
            MOSAIC_REF(log.files_max), 1, 1'000},
    Setting{"log", "idempotency_window_s", "",
            "Seconds for which a repeat of a request with an Idempotency-Key is known",
            MOSAIC_REF(log.idempotency_window_s), 1, kIdempotencyWindowMaxS},
    Setting{"log", "slow_query_ms", "",
            "Milliseconds after which a search is logged as slow; 0: none is",
            MOSAIC_REF(log.slow_query_ms), 0, kTimeoutMs},
    in_bytes(Setting{"log", "retained_bytes", "",
                     "Bytes of writes that the log keeps before it forgets what shards have saved",
                     MOSAIC_REF(log.retained_bytes), 1 << 20, kTerabyte}),
    in_bytes(Setting{"log", "bytes_max", "",
                     "Bytes of writes that shards have not saved, past which more are refused",
                     MOSAIC_REF(log.bytes_max), 1 << 20, kTerabyte}),
};

#undef MOSAIC_REF

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (is_control(c)) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + '"';
}

std::string listed(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + in_quotes(item);
  return '[' + out + ']';
}

/// Nothing between two commas is an item, too, and refused as one; an empty text has none.
std::vector<std::string> split_items(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    auto item = text.substr(0, comma);
    item.remove_prefix(std::min(item.find_first_not_of(' '), item.size()));
    items.emplace_back(item.substr(0, item.find_last_not_of(' ') + 1));
    if (comma + 1 == text.size()) items.emplace_back();
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

Status assign_switch(bool& value, std::string_view text) {
  if (text != "true" && text != "1" && text != "false" && text != "0") {
    return invalid("must be true or false");
  }
  value = text == "true" || text == "1";
  return {};
}

Status wrong_number(const Setting& setting) {
  return invalid(setting.what_number());
}

std::optional<std::uint64_t> number_of(const Setting& setting, std::string_view text) {
  if (setting.bytes) return parse_byte_size(text);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string Setting::name() const {
  return fmt::format("{}.{}", section, key);
}

std::string Setting::environment() const {
  auto out = fmt::format("MOSAIC_{}_{}", section, key);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

bool Setting::is_text() const {
  NodeSettings probe;
  return std::holds_alternative<std::string*>(ref(probe));
}

bool Setting::is_list() const {
  NodeSettings probe;
  return std::holds_alternative<std::vector<std::string>*>(ref(probe));
}

bool Setting::is_switch() const {
  NodeSettings probe;
  return std::holds_alternative<bool*>(ref(probe));
}

std::string Setting::what_number() const {
  return fmt::format("must be a whole number{} from {} to {}",
                     bytes ? " of bytes, or one with KiB, MiB, GiB, TiB, KB, MB, GB or TB," : "",
                     min, max);
}

std::span<const Setting> setting_table() {
  return kTable;
}

const Setting* find_setting(std::string_view section, std::string_view key) {
  const auto found = std::find_if(kTable.begin(), kTable.end(), [&](const Setting& setting) {
    return setting.section == section && setting.key == key;
  });
  return found == kTable.end() ? nullptr : &*found;
}

bool is_section(std::string_view section) {
  return std::any_of(kTable.begin(), kTable.end(),
                     [&](const Setting& setting) { return setting.section == section; });
}

Status assign(const Setting& setting, std::string_view text, NodeSettings& settings) {
  if (setting.is_switch()) return assign_switch(*std::get<bool*>(setting.ref(settings)), text);
  if (setting.is_list()) return assign(setting, split_items(text), settings);
  if (!setting.is_text()) {
    const auto number = number_of(setting, text);
    return number ? assign(setting, *number, settings) : wrong_number(setting);
  }
  if (const auto checked = setting.check(text); !checked) return checked;
  *std::get<std::string*>(setting.ref(settings)) = text;
  return {};
}

Status assign(const Setting& setting, std::uint64_t number, NodeSettings& settings) {
  if (setting.is_text()) return invalid("must be a text");
  if (setting.is_list()) return invalid("must be a list of texts");
  if (setting.is_switch()) return invalid("must be true or false");
  if (number < setting.min || number > setting.max) return wrong_number(setting);
  const auto ref = setting.ref(settings);
  if (const auto* small = std::get_if<std::uint32_t*>(&ref)) {
    **small = static_cast<std::uint32_t>(number);
  } else {
    *std::get<std::uint64_t*>(ref) = number;
  }
  return {};
}

Status assign(const Setting& setting, std::vector<std::string> items, NodeSettings& settings) {
  if (items.size() > kListItemsMax)
    return invalid(fmt::format("has more than {} items", kListItemsMax));
  for (const auto& item : items) {
    if (const auto checked = setting.check(item); !checked)
      return invalid(fmt::format("item '{}' {}", item, checked.error().detail));
  }
  *std::get<std::vector<std::string>*>(setting.ref(settings)) = std::move(items);
  return {};
}

std::string_view shown(const Setting& setting, std::string_view value) {
  return setting.secret && !value.empty() ? "***" : value;
}

std::string toml_string(std::string_view text) {
  return in_quotes(text);
}

std::string toml_value(const Setting& setting, const NodeSettings& settings) {
  auto copy = settings;
  const auto ref = setting.ref(copy);
  if (const auto* text = std::get_if<std::string*>(&ref)) return in_quotes(shown(setting, **text));
  if (const auto* items = std::get_if<std::vector<std::string>*>(&ref)) return listed(**items);
  if (const auto* on = std::get_if<bool*>(&ref)) return **on ? "true" : "false";
  if (const auto* small = std::get_if<std::uint32_t*>(&ref)) return std::to_string(**small);
  return std::to_string(*std::get<std::uint64_t*>(ref));
}

}  // namespace mosaic::cli
