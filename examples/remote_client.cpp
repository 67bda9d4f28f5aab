// A program that uses a cluster over CAF: mosaic serve --caf.listen 127.0.0.1:4043, then
// remote_client --node 127.0.0.1:4043, with a --node for each node of the cluster. Makes a
// collection, writes three documents and searches them. --watch SECONDS searches again and again
// instead, one line for each answer: to be looked at while nodes are stopped and started.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>

#include "mosaic/client.hpp"

namespace {

using mosaic::Client;

constexpr std::chrono::milliseconds kWatchPause{100};

struct Arguments {
  Client::Options client;
  std::string collection = "remote-example";
  int watch_s = 0;
};

/// Prints why something failed; the program ends with the code.
int fail(const char* what, const mosaic::Error& error) {
  const auto code = to_string(error.code);
  std::fprintf(stderr, "%s: %.*s: %s\n", what, static_cast<int>(code.size()), code.data(),
               error.detail.c_str());
  return 1;
}

/// Of HOST:PORT.
Client::Node parse_node(const std::string& text) {
  const auto colon = text.rfind(':');
  unsigned port = 0;
  const char* end = text.data() + text.size();
  if (colon != std::string::npos) std::from_chars(text.data() + colon + 1, end, port);
  if (colon == std::string::npos || colon == 0 || port == 0 || port > 65'535)
    throw CLI::ValidationError("--node", "'" + text + "' is not HOST:PORT");
  return {text.substr(0, colon), static_cast<std::uint16_t>(port)};
}

mosaic::UpsertRequest three_documents(const std::string& collection) {
  const auto document = [](std::string id, std::string title, std::string text) {
    mosaic::Document made;
    made.id = std::move(id);
    made.title = std::move(title);
    made.text = std::move(text);
    made.metadata = R"({"kind": "example"})";
    return made;
  };
  return {collection,
          {document("actor", "Actor model", "Actors share nothing and send messages."),
           document("shard", "Shard", "A shard holds a part of the documents of a collection."),
           document("log", "Log", "Every write is an entry of the log before it is applied.")}};
}

mosaic::SearchRequest question(const std::string& collection) {
  mosaic::SearchRequest request;
  request.collection = collection;
  request.query = "which messages do actors send";
  return request;
}

void print_table(const mosaic::SearchReply& reply) {
  std::printf("%-8s %-8s %s\n", "SCORE", "ID", "TITLE");
  for (const auto& hit : reply.hits) {
    const auto& document = hit.stored.document;
    std::printf("%-8.4f %-8s %s\n", hit.score, document.id.c_str(),
                document.title.value_or("").c_str());
  }
  std::printf("%zu hits in %.1f ms%s\n", reply.hits.size(), reply.took_ms,
              reply.partial ? ", some shards are missing" : "");
}

int show(Client& client, const Arguments& arguments) {
  const auto health = client.health();
  if (!health) return fail("health", health.error());
  std::printf("node %s, version %s, %u shards up\n", health->node.c_str(), health->version.c_str(),
              health->shards_up);
  mosaic::CollectionSettings settings;
  settings.name = arguments.collection;
  if (const auto made = client.put_collection(settings); !made) return fail("make", made.error());
  const auto written = client.upsert(three_documents(arguments.collection));
  if (!written) return fail("upsert", written.error());
  const auto found = client.search(question(arguments.collection));
  if (!found) return fail("search", found.error());
  print_table(*found);
  return 0;
}

int watch(Client& client, const Arguments& arguments) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(arguments.watch_s);
  while (std::chrono::steady_clock::now() < end) {
    const auto found = client.search(question(arguments.collection));
    if (found) {
      std::printf("ok %zu hits\n", found->hits.size());
    } else {
      std::printf("error %s\n", std::string(to_string(found.error().code)).c_str());
    }
    std::fflush(stdout);
    std::this_thread::sleep_for(kWatchPause);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  auto request_timeout_ms = arguments.client.request_timeout.count();
  CLI::App app("Uses MosaicDB over CAF");
  app.add_option_function<std::vector<std::string>>(
         "--node",
         [&](const std::vector<std::string>& nodes) {
           for (const auto& node : nodes) arguments.client.nodes.push_back(parse_node(node));
         },
         "HOST:PORT, a node's caf.listen; once for each node")
      ->required();
  app.add_option("--collection", arguments.collection, "made unless it is there")
      ->capture_default_str();
  app.add_option("--timeout-ms", request_timeout_ms, "of each request")->capture_default_str();
  app.add_option("--watch", arguments.watch_s, "search for so many seconds, a line an answer");
  CLI11_PARSE(app, argc, argv);
  arguments.client.request_timeout = std::chrono::milliseconds(request_timeout_ms);
  Client client(arguments.client);
  return arguments.watch_s > 0 ? watch(client, arguments) : show(client, arguments);
}
