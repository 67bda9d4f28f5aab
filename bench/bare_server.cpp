// The least that a team would write to serve vectors: hnswlib over float32, compiled for this CPU,
// behind Boost.Beast and a JSON library. No log, no filters, no limits, nothing else: what
// bench/http_contest.py compares the node with. One thread.
//
//     POST / {"vector": [numbers], "k": 10, "ef": 100}
//     -> {"hits": [{"id": "7", "score": 0.9, "distance": 0.1}]}, nearest first
#include <fmt/format.h>
#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/failure.hpp"
#include "native_hnsw.hpp"
#include "vector_data.hpp"

namespace mosaic::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

struct Request {
  std::vector<float> vector;
  std::size_t k = 10;
  std::size_t ef = 100;
};

Request parse_with_nlohmann(const std::string& body) {
  const auto json = nlohmann::json::parse(body);
  return {json.at("vector").get<std::vector<float>>(), json.value("k", std::size_t{10}),
          json.value("ef", std::size_t{100})};
}

Request parse_with_simdjson(const std::string& body) {
  thread_local simdjson::ondemand::parser parser;
  const simdjson::padded_string padded(body);
  simdjson::ondemand::document json = parser.iterate(padded);
  Request request;
  for (double number : json["vector"].get_array()) {
    request.vector.push_back(static_cast<float>(number));
  }
  request.k = json["k"].get_uint64();
  request.ef = json["ef"].get_uint64();
  return request;
}

class Service {
 public:
  Service(NativeHnsw& graph, std::uint32_t dimension, bool simdjson)
      : graph_(graph), dimension_(dimension), simdjson_(simdjson) {}

  std::string answer(const std::string& body) {
    const auto request = simdjson_ ? parse_with_simdjson(body) : parse_with_nlohmann(body);
    if (request.vector.size() != dimension_) throw std::runtime_error("wrong dimension");
    graph_.nearest(request.vector.data(), request.k, request.ef, found_);
    std::string text = R"({"hits":[)";
    for (const auto& [distance, number] : found_) {
      fmt::format_to(std::back_inserter(text), R"({}{{"id":"{}","score":{},"distance":{}}})",
                     text.back() == '[' ? "" : ",", number, 1 - distance, distance);
    }
    return text += "]}";
  }

 private:
  NativeHnsw& graph_;
  const std::uint32_t dimension_;
  const bool simdjson_;
  std::vector<std::pair<float, std::size_t>> found_;
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, Service& service) : stream_(std::move(socket)), service_(service) {
    stream_.socket().set_option(tcp::no_delay(true));
  }

  void read() {
    request_ = {};
    http::async_read(stream_, buffer_, request_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) {
                       if (!error) self->write();
                     });
  }

 private:
  void write() {
    response_ = {http::status::ok, request_.version()};
    response_.set(http::field::content_type, "application/json");
    response_.keep_alive(request_.keep_alive());
    try {
      response_.body() = service_.answer(request_.body());
    } catch (const std::exception& error) {
      response_.result(http::status::bad_request);
      response_.body() = error.what();
    }
    response_.prepare_payload();
    http::async_write(stream_, response_,
                      [self = shared_from_this()](beast::error_code error, std::size_t) {
                        if (!error && self->response_.keep_alive()) self->read();
                      });
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
  Service& service_;
};

void accept(tcp::acceptor& acceptor, Service& service) {
  acceptor.async_accept([&](beast::error_code error, tcp::socket socket) {
    if (!error) std::make_shared<Session>(std::move(socket), service)->read();
    accept(acceptor, service);
  });
}

void serve(Service& service) {
  asio::io_context io(1);
  tcp::acceptor acceptor(io, {asio::ip::make_address("127.0.0.1"), 0});
  fmt::print("listening on http://127.0.0.1:{}\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&io](beast::error_code, int) { io.stop(); });
  accept(acceptor, service);
  io.run();
}

/// The graph that `path` holds; made of `vectors` and kept there when there is none.
std::unique_ptr<NativeHnsw> graph_of(const VectorData& data, const std::string& path) {
  if (std::filesystem::exists(path)) {
    return std::make_unique<NativeHnsw>(data.metric, data.dimension, path);
  }
  constexpr std::size_t kM = 16, kEfConstruction = 200;
  auto graph =
      std::make_unique<NativeHnsw>(data.metric, data.dimension, data.size(), kM, kEfConstruction);
  for (std::size_t i = 0; i < data.size(); ++i) graph->add(data.row(i), i);
  graph->save(path);
  return graph;
}

int run(int argc, char** argv) {
  std::string base, graph_file, json = "simdjson", word = "cosine";
  CLI::App app("Serves the vectors of an .fvecs file over HTTP with hnswlib and nothing else.");
  app.add_option("base", base, "an .fvecs file; ids are the numbers of its vectors")->required();
  app.add_option("graph", graph_file, "file of the graph; made when it is not there")->required();
  app.add_option("--metric", word, "cosine, l2 or dot");
  app.add_option("--json", json, "the library that reads requests")
      ->check(CLI::IsMember({"simdjson", "nlohmann"}));
  CLI11_PARSE(app, argc, argv);
  const auto metric = parse_metric(word);
  if (!metric) throw Failure(metric.error());
  const auto data = from_fvecs(*metric, base, base, 1);
  const auto graph = graph_of(data, graph_file);
  Service service(*graph, data.dimension, json == "simdjson");
  serve(service);
  return 0;
}

}  // namespace
}  // namespace mosaic::bench

int main(int argc, char** argv) {
  try {
    return mosaic::bench::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bare_server: {}\n", error.what());
    return 1;
  }
}
