#include <memory>

#include "http/answer.hpp"
#include "http/json_replies.hpp"
#include "http/json_requests.hpp"
#include "http/routes.hpp"

namespace mosaic::http {
namespace {

/// Documents asked of the engine at once. One page is all that an export holds in memory.
constexpr std::size_t kPageDocuments = 128;

/// One export under way. The session asks for a piece, and only then is the next page read: a slow
/// client slows the reading, not the memory.
class Export : public std::enable_shared_from_this<Export> {
 public:
  Export(Engine& engine, std::string collection) : engine_(engine) {
    request_.collection = std::move(collection);
    request_.limit = kPageDocuments;
    request_.include = {.vector = true, .links = true};
  }

  void as_of(AsOf state) { request_.as_of = std::move(state); }

  /// The first page is read before the answer begins, so that its error is still a problem.
  void start(const Call& call, Respond respond) {
    engine_.list_documents(
        request_,
        answer_with(call, std::move(respond), [self = shared_from_this()](const ListReply& page) {
          self->first_ = self->piece_of(page);
          return self->response();
        }));
  }

 private:
  Response response() {
    return {.content_type = std::string(kNdjson),
            .stream = [self = shared_from_this()](const TakePiece& take) { self->next(take); }};
  }

  void next(const TakePiece& take) {
    if (first_) {
      return take([piece = *std::exchange(first_, std::nullopt)] { return piece; });
    }
    engine_.list_documents(request_, [self = shared_from_this(), take](Result<ListReply> page) {
      take([self, page = std::move(page)]() -> Result<Piece> {
        if (!page) return page.error();
        return self->piece_of(*page);
      });
    });
  }

  Piece piece_of(const ListReply& page) {
    Piece piece{{}, page.next_cursor.empty()};
    for (const auto& stored : page.documents) append_export_line(piece.bytes, stored.document);
    request_.cursor = page.next_cursor;
    return piece;
  }

  Engine& engine_;
  ListRequest request_;
  std::optional<Piece> first_;
};

}  // namespace

std::vector<Route> export_routes(Engine& engine) {
  return {
      {.method = "GET",
       .pattern = "/api/v1/collections/{name}/export",
       .group = "Documents",
       .summary = "Every document with vector and links, as a stream",
       .query = {{"as_of", R"({"type":"string"})", kAsOfText}},
       .answers = {{.schema = "Document",
                    .text = "One document a line. The connection breaks off when reading fails.",
                    .content_type = kNdjson}},
       .problems = {ErrorCode::kInvalidArgument, ErrorCode::kNotFound, ErrorCode::kUnavailable},
       .handler =
           [&engine](const Call& call, Respond respond) {
             const auto exported = std::make_shared<Export>(engine, call.path("name"));
             if (const auto* state = call.find("as_of")) exported->as_of(read_as_of(*state));
             exported->start(call, std::move(respond));
           }},
  };
}

}  // namespace mosaic::http
