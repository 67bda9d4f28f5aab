#include "mosaic/client.hpp"

#include <algorithm>
#include <future>
#include <random>
#include <thread>

#include "actors/client/client_actor.hpp"
#include "actors/network.hpp"

namespace mosaic {
namespace {

using namespace actors;

/// A try to connect may sit in the operating system for minutes; whoever ends a client need not
/// wait for it longer than this.
constexpr std::chrono::seconds kCloseGrace{3};

/// A write that is sent again is known for so long after the last time it can be sent: longer than
/// an entry may hang in a log without a majority, and clocks may differ.
constexpr std::chrono::seconds kNameGrace{300};

struct client_config : caf::actor_system_config {
  client_config() {
    add_protocol(*this);
    add_network(*this);
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{2});
  }
};

/// The name of one write; nobody sees the same twice.
RequestId new_name(std::chrono::milliseconds timeout) {
  static thread_local std::mt19937_64 random{std::random_device{}()};
  const auto window = std::chrono::duration_cast<std::chrono::seconds>(timeout) + kNameGrace;
  const auto longest = std::chrono::seconds(kIdempotencyWindowMaxS);
  return {random(), random(), static_cast<std::uint32_t>(std::min(window, longest).count())};
}

/// The outcome of a call with `done`, waited for.
template <class T, class Call>
Result<T> wait_for(Call call) {
  auto outcome = std::make_shared<std::promise<Result<T>>>();
  auto result = outcome->get_future();
  call([outcome](Result<T> value) { outcome->set_value(std::move(value)); });
  return result.get();
}

}  // namespace

/// The actor system of a client has a thread that makes it and ends it: CAF waits in vain for the
/// end of a system when the thread that made it still lives and did not end it.
class Client::Connection {
 public:
  explicit Connection(const Options& options)
      : nodes_(options.nodes),
        request_timeout_(options.request_timeout),
        life_(std::make_shared<Life>()),
        thread_([options, life = life_] { live(options, *life); }),
        actor_(life_->started.get_future().get()) {}

  ~Connection() {
    actor_ = nullptr;
    life_->over.set_value();
    const auto ended = life_->ended.get_future().wait_for(kCloseGrace);
    ended == std::future_status::ready ? thread_.join() : thread_.detach();
  }

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  template <class Reply, class... Message>
  void read(Done<Reply> done, Message... message) {
    ask<Reply>(false, std::move(done), std::move(message)...);
  }

  template <class Reply, class... Message>
  void write(Done<Reply> done, Message... message) {
    ask<Reply>(true, std::move(done), std::move(message)..., new_name(request_timeout_));
  }

  std::optional<Node> node() const {
    const auto place = life_->place->load();
    if (place == kNoLink) return std::nullopt;
    return nodes_[place];
  }

 private:
  struct Life {
    std::promise<caf::actor> started;
    std::promise<void> over;
    std::promise<void> ended;
    client_place place = std::make_shared<std::atomic<std::size_t>>(kNoLink);
  };

  template <class Reply, class... Message>
  void ask(bool writes, Done<Reply> done, Message... message) {
    const auto deadline = Deadline::in(std::chrono::steady_clock::now(), request_timeout_);
    client_request_ptr request = std::make_shared<typed_client_request<Reply, Message...>>(
        deadline, writes, std::move(done), std::move(message)...);
    caf::anon_send(actor_, std::move(request));
  }

  static void live(const Options& options, Life& life) {
    {
      client_config config;
      caf::actor_system system{config};
      const auto actor = system.spawn(actors::client, options, life.place);
      life.started.set_value(actor);
      life.over.get_future().wait();
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    }
    life.ended.set_value();
  }

  const std::vector<Node> nodes_;
  const std::chrono::milliseconds request_timeout_;
  const std::shared_ptr<Life> life_;
  std::thread thread_;
  caf::actor actor_;
};

Client::Client(Options options) : connection_(std::make_unique<Connection>(options)) {}
Client::~Client() = default;

std::optional<Client::Node> Client::node() const {
  return connection_->node();
}

void Client::search(SearchRequest request, Done<SearchReply> done) {
  connection_->read<SearchReply>(std::move(done), search_atom_v, std::move(request));
}

void Client::get_document(GetRequest request, Done<StoredDocument> done) {
  connection_->read<StoredDocument>(std::move(done), read_atom_v, std::move(request));
}

void Client::upsert(UpsertRequest request, Done<UpsertReply> done) {
  connection_->write<UpsertReply>(std::move(done), upsert_atom_v, std::move(request));
}

void Client::remove(DeleteRequest request, Done<DeleteReply> done) {
  connection_->write<DeleteReply>(std::move(done), remove_atom_v, std::move(request));
}

void Client::put_collection(CollectionSettings settings, Done<CollectionPut> done) {
  connection_->write<CollectionPut>(std::move(done), create_atom_v, std::move(settings));
}

void Client::get_collection(std::string name, Done<CollectionInfo> done) {
  connection_->read<CollectionInfo>(std::move(done), info_atom_v, std::move(name));
}

void Client::health(Done<Health> done) {
  connection_->read<Health>(std::move(done), health_atom_v);
}

Result<SearchReply> Client::search(SearchRequest request) {
  return wait_for<SearchReply>([&](auto done) { search(std::move(request), std::move(done)); });
}

Result<StoredDocument> Client::get_document(GetRequest request) {
  return wait_for<StoredDocument>(
      [&](auto done) { get_document(std::move(request), std::move(done)); });
}

Result<UpsertReply> Client::upsert(UpsertRequest request) {
  return wait_for<UpsertReply>([&](auto done) { upsert(std::move(request), std::move(done)); });
}

Result<DeleteReply> Client::remove(DeleteRequest request) {
  return wait_for<DeleteReply>([&](auto done) { remove(std::move(request), std::move(done)); });
}

Result<CollectionPut> Client::put_collection(CollectionSettings settings) {
  return wait_for<CollectionPut>(
      [&](auto done) { put_collection(std::move(settings), std::move(done)); });
}

Result<CollectionInfo> Client::get_collection(std::string name) {
  return wait_for<CollectionInfo>(
      [&](auto done) { get_collection(std::move(name), std::move(done)); });
}

Result<Health> Client::health() {
  return wait_for<Health>([&](auto done) { health(std::move(done)); });
}

}  // namespace mosaic
