#include "actors/joining.hpp"

#include <future>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "actors/connector.hpp"
#include "base/failure.hpp"
#include "base/log.hpp"
#include "net/http_client.hpp"
#include "storage/catalog.hpp"

namespace mosaic::actors {
namespace {

constexpr std::chrono::seconds kHelloTimeout{5};
constexpr std::uint32_t kHttpTimeoutMs = 3'000;
constexpr std::chrono::minutes kCatalogPatience{10};
constexpr std::chrono::milliseconds kLookPause{10};

std::string url_of(const std::string& http) {
  const auto base = http.find("://") == std::string::npos ? "http://" + http : http;
  return base + (base.ends_with('/') ? "" : "/") + "api/v1/cluster";
}

/// Where a node of the cluster, as another tells it, can be spoken to; empty: nowhere.
std::string address_in(const nlohmann::json& node) {
  if (!node.is_object() || node.value("state", "") == "down") return {};
  return node.value("cluster_address", "");
}

/// The cluster addresses that a node tells over HTTP.
Result<std::vector<std::string>> cluster_addresses(const std::string& http) {
  net::HttpRequest request;
  request.url = url_of(http);
  request.timeout_ms = request.connect_timeout_ms = kHttpTimeoutMs;
  const auto reply = net::HttpClient().send(request);
  if (!reply) return reply.error();
  const auto body = nlohmann::json::parse(reply->body, nullptr, false);
  std::vector<std::string> addresses;
  if (body.is_object() && body.contains("nodes") && body["nodes"].is_array()) {
    for (const auto& node : body["nodes"]) {
      if (auto address = address_in(node); !address.empty())
        addresses.push_back(std::move(address));
    }
  }
  if (!addresses.empty()) return addresses;
  return Error{ErrorCode::kUnavailable,
               fmt::format("{} answers with status {} and names no node that can be joined: it "
                           "needs cluster.listen, or certificates, or cluster.insecure",
                           request.url, reply->status)};
}

Result<cluster_contact> greet(caf::actor_system& system, const std::string& address) {
  auto found = connect_peer(system, address, kHelloTimeout);
  if (!found) return found.error();
  cluster_contact contact{*found, {}};
  Status status;
  caf::scoped_actor self{system};
  self->request(contact.peer, kHelloTimeout, hello_atom_v)
      .receive([&](cluster_hello& hello) { contact.hello = std::move(hello); },
               [&](caf::error& error) { status = from_caf(error); });
  if (!status) return status.error();
  return contact;
}

/// The first of these that answers; else why the last one did not.
Result<cluster_contact> greet_any(caf::actor_system& system,
                                  const std::vector<std::string>& addresses) {
  Result<cluster_contact> last = Error{ErrorCode::kUnavailable, "no node is known"};
  for (const auto& address : addresses) {
    last = greet(system, address);
    if (last) return last;
  }
  return last;
}

Result<cluster_contact> look_once(caf::actor_system& system, const std::vector<std::string>& http,
                                  const std::vector<NodeRecord>& known) {
  std::vector<std::string> addresses;
  for (const auto& node : known) addresses.push_back(node.cluster_address);
  auto found = greet_any(system, addresses);
  for (const auto& url : http) {
    if (found) break;
    const auto told = cluster_addresses(url);
    found = told ? greet_any(system, *told) : Result<cluster_contact>(told.error());
  }
  return found;
}

bool passes(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kDeadlineExceeded;
}

}  // namespace

bool Joining::comes(const std::function<bool()>& ready, std::chrono::seconds patience) const {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!ready()) {
    if (std::chrono::steady_clock::now() >= until) return false;
    if (stop_wanted_()) throw Failure(ErrorCode::kUnavailable, "the node is told to end");
    std::this_thread::sleep_for(kLookPause);
  }
  return true;
}

/// What comes of it in the end.
template <class Try>
auto Joining::until_patience_ends(const Try& attempt) const {
  auto outcome = attempt();
  const auto is_over = [&] { return outcome || !passes(outcome.error()); };
  if (is_over()) return outcome;
  log::info("the cluster is not reached yet: {}", outcome.error().detail);
  auto next = std::chrono::steady_clock::now();
  comes(
      [&] {
        if (std::chrono::steady_clock::now() < next) return false;
        outcome = attempt();
        next = std::chrono::steady_clock::now() + kJoinPause;
        return is_over();
      },
      kJoinPatience);
  return outcome;
}

Status Joining::fetch_once(const cluster_contact& contact, fetch_config config) const {
  auto ended = std::make_shared<std::promise<Status>>();
  auto status = ended->get_future();
  config.done = [ended](const fetched_copy& how) {
    ended->set_value(how.error ? Status(*how.error) : Status());
  };
  const auto fetcher = system_.spawn<caf::detached>(fetch, std::move(config));
  caf::anon_send(fetcher, start_atom_v, contact.peer);
  const auto here = [&] {
    return status.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  };
  try {
    if (comes(here, kCatalogPatience)) return status.get();
    throw Failure(ErrorCode::kUnavailable, "the catalog of another node does not come");
  } catch (const Failure&) {
    caf::anon_send_exit(fetcher, caf::exit_reason::kill);
    throw;
  }
}

cluster_contact Joining::find_cluster(const std::vector<std::string>& http,
                                      const std::vector<NodeRecord>& known) const {
  return or_throw(until_patience_ends([&] { return look_once(system_, http, known); }));
}

void Joining::ask_to_join(const cluster_contact& contact, const NodeRecord& self_record) const {
  const auto joined = until_patience_ends([&]() -> Result<cluster_hello> {
    Result<cluster_hello> answer = Error{};
    caf::scoped_actor self{system_};
    self->request(contact.peer, kHelloTimeout * 3, join_atom_v, self_record)
        .receive([&](cluster_hello& hello) { answer = std::move(hello); },
                 [&](caf::error& error) { answer = from_caf(error); });
    return answer;
  });
  if (!joined) throw Failure(joined.error());
}

void Joining::await(const std::function<bool()>& ready, const std::string& missing) const {
  if (!comes(ready, kJoinPatience)) throw Failure(ErrorCode::kUnavailable, missing);
}

void Joining::fetch_catalog(const cluster_contact& contact, const storage::DataFolder& folder,
                            Seq forgotten, std::function<Seq()> log_seq) const {
  fetch_config config{
      {{}, forgotten}, folder.catalog(), {}, folder.incoming("fetch-catalog"), std::move(log_seq)};
  config.prepare = [=](const std::filesystem::path& file) {
    storage::Catalog(file).begin_anew(forgotten);
  };
  const auto fetched = until_patience_ends([&] { return fetch_once(contact, config); });
  if (!fetched) throw Failure(fetched.error());
}

}  // namespace mosaic::actors
