// client_load COLLECTION SECONDS HOST:PORT...: writes, deletes and searches through one Client on
// several threads, and prints a line for each outcome:
//   using HOST:PORT          the client uses this node now
//   wrote ID SEQ             removed ID COUNT             found HITS
//   failed WHAT: CODE: DETAIL
// Each document is written once under an id of its own, and every other one is deleted once.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>

#include "mosaic/client.hpp"

namespace {

using mosaic::Client;
using Clock = std::chrono::steady_clock;

constexpr int kWriters = 3;
constexpr int kSearchers = 3;
/// Long enough for an election and a lost connection on a busy machine.
constexpr std::chrono::seconds kRequestTimeout{30};
constexpr std::chrono::milliseconds kPause{5};

void print(const std::string& line) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

void print_failure(const std::string& what, const mosaic::Error& error) {
  print("failed " + what + ": " + std::string(to_string(error.code)) + ": " + error.detail);
}

mosaic::UpsertRequest one_document(const std::string& collection, const std::string& id) {
  mosaic::UpsertRequest request{collection, {}};
  auto& document = request.documents.emplace_back();
  document.id = id;
  document.title = "Document " + id;
  document.text = "written while nodes are lost";
  return request;
}

class Load {
 public:
  Load(Client& client, std::string collection, Clock::time_point end)
      : client_(client), collection_(std::move(collection)), end_(end) {}

  void write(int writer) {
    for (int i = 0; Clock::now() < end_; ++i) {
      const auto id = "w" + std::to_string(writer) + "-" + std::to_string(i);
      const auto written = client_.upsert(one_document(collection_, id));
      if (!written) {
        print_failure("upsert " + id, written.error());
        continue;
      }
      print("wrote " + id + " " + std::to_string(written->seq));
      if (i % 2 == 1) remove(id);
    }
  }

  void search() {
    mosaic::SearchRequest request;
    request.collection = collection_;
    request.query = "document lost";
    while (Clock::now() < end_) {
      const auto found = client_.search(request);
      found ? print("found " + std::to_string(found->hits.size()))
            : print_failure("search", found.error());
      std::this_thread::sleep_for(kPause);
    }
  }

  void watch_node() {
    std::optional<Client::Node> last;
    while (Clock::now() < end_) {
      const auto node = client_.node();
      if (node && node != last) print("using " + node->host + ":" + std::to_string(node->port));
      if (node) last = node;
      std::this_thread::sleep_for(kPause);
    }
  }

 private:
  void remove(const std::string& id) {
    const auto removed = client_.remove({collection_, {id}, "", ""});
    removed ? print("removed " + id + " " + std::to_string(removed->deleted))
            : print_failure("remove " + id, removed.error());
  }

  Client& client_;
  const std::string collection_;
  const Clock::time_point end_;
};

Client::Node parse_node(const std::string& text) {
  const auto colon = text.rfind(':');
  return {text.substr(0, colon), static_cast<std::uint16_t>(std::stoi(text.substr(colon + 1)))};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: client_load COLLECTION SECONDS HOST:PORT...\n");
    return 2;
  }
  Client::Options options;
  options.request_timeout = kRequestTimeout;
  for (int i = 3; i < argc; ++i) options.nodes.push_back(parse_node(argv[i]));
  Client client(options);
  Load load(client, argv[1], Clock::now() + std::chrono::seconds(std::stoi(argv[2])));
  std::vector<std::thread> threads;
  for (int i = 0; i < kWriters; ++i) threads.emplace_back([&load, i] { load.write(i); });
  for (int i = 0; i < kSearchers; ++i) threads.emplace_back([&load] { load.search(); });
  threads.emplace_back([&load] { load.watch_node(); });
  for (auto& thread : threads) thread.join();
  return 0;
}
