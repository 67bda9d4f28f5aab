// What it costs a search to come from another process over CAF: the same cheap search through the
// engine port of a node in this process and through a Client in a second one, with one and with 64
// under way, in turn round by round; the table shows medians over the rounds. With --port it
// measures a running node from here instead, over its collection.
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <future>
#include <map>

#include "actors/node.hpp"
#include "mosaic/client.hpp"
#include "search_load.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::bench {
namespace {

constexpr std::size_t kInFlight[] = {1, 64};
constexpr std::size_t kBatch = 500;
constexpr std::chrono::milliseconds kWarmUp{300};

struct Arguments {
  std::uint16_t port = 0;  ///< 0: a node of our own
  std::string collection = "bench";
  std::size_t k = 10;
  std::size_t documents = 1'000;
  std::uint32_t dimension = 64;
  int rounds = 5;
  int round_ms = 1'000;
  bool plain = false;  ///< numbers alone, for the process that started this one
};

SearchLoad load_of(const Arguments& arguments, std::size_t in_flight) {
  SearchLoad load;
  load.request.collection = arguments.collection;
  load.request.vector.assign(arguments.dimension, 1);
  load.request.k = arguments.k;
  load.in_flight = in_flight;
  load.time = std::chrono::milliseconds(arguments.round_ms);
  return load;
}

[[noreturn]] void give_up(const Error& error) {
  std::fprintf(stderr, "remote_bench: %s\n", error.detail.c_str());
  std::exit(1);
}

template <class T, class Call>
T wait_for(Call call) {
  const auto promise = std::make_shared<std::promise<Result<T>>>();
  call([promise](Result<T> result) { promise->set_value(std::move(result)); });
  auto result = promise->get_future().get();
  if (!result) give_up(result.error());
  return std::move(*result);
}

/// Vectors that are not all alike, the same in each run.
Document document(std::size_t number, std::uint32_t dimension) {
  Document made;
  made.id = fmt::format("document-{}", number);
  made.title = fmt::format("Document {}", number);
  for (std::uint32_t i = 0; i < dimension; ++i)
    made.vector.push_back(static_cast<float>((number * 31 + i * 17) % 101) - 50.5F);
  return made;
}

void fill(Engine& engine, const Arguments& arguments) {
  CollectionSettings settings;
  settings.name = arguments.collection;
  settings.dimension = arguments.dimension;
  settings.embedder = "none";
  wait_for<CollectionPut>([&](auto done) { engine.put_collection(settings, std::move(done)); });
  for (std::size_t i = 0; i < arguments.documents; i += kBatch) {
    UpsertRequest request{arguments.collection, {}};
    for (auto n = i; n < std::min(i + kBatch, arguments.documents); ++n)
      request.documents.push_back(document(n, arguments.dimension));
    wait_for<UpsertReply>([&](auto done) { engine.upsert(std::move(request), std::move(done)); });
  }
}

std::uint16_t free_port() {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(listener, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(listener);
  return ntohs(address.sin_port);
}

/// By who asks and how many are under way, one for each round.
using Rounds = std::map<std::pair<std::string, std::size_t>, std::vector<SearchFigures>>;

double median(const std::vector<SearchFigures>& rounds, double SearchFigures::*figure) {
  std::vector<double> values;
  for (const auto& round : rounds) values.push_back(round.*figure);
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

void print(const Rounds& rounds) {
  fmt::print("{:<12} {:>9} {:>10} {:>9} {:>9} {:>9} {:>7}\n", "from", "in flight", "per s",
             "p50 ms", "p95 ms", "p99 ms", "errors");
  for (const auto& [kind, figures] : rounds) {
    std::size_t errors = 0;
    for (const auto& round : figures) errors += round.errors;
    fmt::print("{:<12} {:>9} {:>10.0f} {:>9.3f} {:>9.3f} {:>9.3f} {:>7}\n", kind.first, kind.second,
               median(figures, &SearchFigures::per_s), median(figures, &SearchFigures::p50_ms),
               median(figures, &SearchFigures::p95_ms), median(figures, &SearchFigures::p99_ms),
               errors);
  }
}

void measure_client(const Arguments& arguments, Rounds& rounds) {
  Client::Options options;
  options.nodes = {{"127.0.0.1", arguments.port}};
  Client client(options);
  const auto info = client.get_collection(arguments.collection);
  if (!info) give_up(info.error());
  auto fitted = arguments;
  fitted.dimension = info->settings.dimension;
  const AsyncSearch search = [&](SearchRequest request, Done<SearchReply> done) {
    client.search(std::move(request), std::move(done));
  };
  auto warm_up = load_of(fitted, kInFlight[0]);
  warm_up.time = kWarmUp;
  measure(search, warm_up);
  for (int round = 0; round < arguments.rounds; ++round) {
    for (const auto in_flight : kInFlight)
      rounds[{"client", in_flight}].push_back(measure(search, load_of(fitted, in_flight)));
  }
}

void print_plain(const Rounds& rounds) {
  for (const auto& [kind, figures] : rounds) {
    for (const auto& x : figures)
      fmt::print("{} {} {} {} {} {}\n", kind.second, x.per_s, x.p50_ms, x.p95_ms, x.p99_ms,
                 x.errors);
  }
}

/// One round of a second process that runs this program.
void measure_second_process(const std::string& program, const Arguments& arguments,
                            Rounds& rounds) {
  const auto command =
      fmt::format("'{}' --plain --rounds 1 --port {} --collection {} --k {} --round-ms {}", program,
                  arguments.port, arguments.collection, arguments.k, arguments.round_ms);
  std::FILE* output = ::popen(command.c_str(), "r");
  if (output == nullptr) give_up({ErrorCode::kInternal, "cannot start a second process"});
  SearchFigures x;
  std::size_t in_flight = 0;
  while (std::fscanf(output, "%zu %lf %lf %lf %lf %zu", &in_flight, &x.per_s, &x.p50_ms, &x.p95_ms,
                     &x.p99_ms, &x.errors) == 6)
    rounds[{"client", in_flight}].push_back(x);
  ::pclose(output);
}

void measure_own_node(const std::string& program, Arguments arguments, Rounds& rounds) {
  const test::TemporaryFolder folder;
  arguments.port = free_port();
  NodeSettings settings;
  settings.node.data_dir = (folder / "data").string();
  settings.search.result_cache_bytes = 0;
  settings.caf.listen = fmt::format("127.0.0.1:{}", arguments.port);
  auto node = actors::Node::start(settings, "bench", [](const Error& error) { give_up(error); });
  if (!node) give_up(node.error());
  auto& engine = (*node)->engine();
  fill(engine, arguments);
  const AsyncSearch search = [&](SearchRequest request, Done<SearchReply> done) {
    engine.search(std::move(request), std::move(done));
  };
  for (int round = 0; round < arguments.rounds; ++round) {
    for (const auto in_flight : kInFlight)
      rounds[{"engine port", in_flight}].push_back(measure(search, load_of(arguments, in_flight)));
    measure_second_process(program, arguments, rounds);
  }
}

int run(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Searches from another process against searches from within");
  app.add_option("--port", arguments.port, "caf.listen of a running node; none: starts one");
  app.add_option("--collection", arguments.collection);
  app.add_option("--k", arguments.k);
  app.add_option("--documents", arguments.documents, "in the collection of a node of its own");
  app.add_option("--dimension", arguments.dimension, "of their vectors");
  app.add_option("--rounds", arguments.rounds);
  app.add_option("--round-ms", arguments.round_ms);
  app.add_flag("--plain", arguments.plain);
  CLI11_PARSE(app, argc, argv);
  Rounds rounds;
  if (arguments.port == 0) {
    measure_own_node(std::filesystem::canonical("/proc/self/exe").string(), arguments, rounds);
  } else {
    measure_client(arguments, rounds);
  }
  arguments.plain ? print_plain(rounds) : print(rounds);
  return 0;
}

}  // namespace
}  // namespace mosaic::bench

int main(int argc, char** argv) {
  return mosaic::bench::run(argc, argv);
}
