#include "cli/bench/workload.hpp"

#include "net/url.hpp"

namespace mosaic::cli {

BenchWorkload::BenchWorkload(const BenchArguments& arguments, BenchCorpus corpus,
                             std::string prefix, std::uint64_t seed)
    : path_(collection_path(arguments.collection)),
      batch_documents_(arguments.batch_documents),
      corpus_(std::move(corpus)),
      prefix_(std::move(prefix)),
      mix_(arguments.mix, seed) {}

Operation BenchWorkload::next(net::LoadRequest& request) {
  const auto operation = mix_.next();
  switch (operation) {
    case Operation::kText:
    case Operation::kVector:
    case Operation::kHybrid:
      search(operation, request);
      break;
    case Operation::kWrite:
      write(request);
      break;
    case Operation::kGet:
      get(request);
  }
  return operation;
}

void BenchWorkload::search(Operation mode, net::LoadRequest& request) {
  const auto& bodies = corpus_.searches(mode);
  request.method = "POST";
  request.path.assign(path_).append("/search");
  request.body = bodies[turns_[static_cast<std::size_t>(mode)]++ % bodies.size()];
}

void BenchWorkload::write(net::LoadRequest& request) {
  request.method = "POST";
  request.path.assign(path_).append("/documents");
  request.body = R"({"documents":[)";
  for (std::size_t i = 0; i < batch_documents_; ++i) {
    const auto& members = corpus_.documents[written_ % corpus_.documents.size()];
    request.body.append(i == 0 ? "" : ",").append(R"({"id":")").append(id(written_)).append("\"");
    if (!members.empty()) request.body.append(",").append(members);
    request.body += '}';
    ++written_;
  }
  request.body += "]}";
}

void BenchWorkload::get(net::LoadRequest& request) {
  auto& turn = turns_[static_cast<std::size_t>(Operation::kGet)];
  request.method = "GET";
  request.path.assign(path_).append("/documents/");
  request.path.append(net::escape(corpus_.ids[turn++ % corpus_.ids.size()]));
  request.body.clear();
}

}  // namespace mosaic::cli
