#include <iterator>
#include <memory>

#include "http/answer.hpp"
#include "http/idempotency.hpp"
#include "http/openapi.hpp"
#include "http/pages.hpp"
#include "http/routes.hpp"
#include "http/warm_up.hpp"

namespace mosaic::http {
namespace {

constexpr std::string_view kGroup = "About";

/// The texts are made from the finished table, which holds the routes that answer with them.
struct Pages {
  std::string openapi;
  std::string docs;
};

Response html(const std::string& body) {
  return {.content_type = std::string(kHtml),
          .body = body,
          .headers = {{"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"},
                      {"X-Content-Type-Options", "nosniff"}}};
}

std::vector<Route> page_routes(const std::shared_ptr<const Pages>& pages) {
  return {
      {.method = "GET",
       .pattern = "/openapi.json",
       .group = kGroup,
       .summary = "This interface as OpenAPI 3.1",
       .answers = {{.schema = "OpenApi", .text = "The document."}},
       .handler = [pages](
                      const Call&,
                      const Respond& respond) { answer_now(respond, {.body = pages->openapi}); }},
      {.method = "GET",
       .pattern = "/docs",
       .group = kGroup,
       .summary = "This interface as a page",
       .answers = {{.text = "The page.", .content_type = kHtml}},
       .handler = [pages](const Call&,
                          const Respond& respond) { answer_now(respond, html(pages->docs)); }},
      {.method = "GET",
       .pattern = "/",
       .group = kGroup,
       .summary = "Where to go from here",
       .answers = {{.text = "The page.", .content_type = kHtml}},
       .handler = [](const Call&,
                     const Respond& respond) { answer_now(respond, html(home_page())); }},
  };
}

void append(std::vector<Route>& routes, std::vector<Route> more) {
  std::move(more.begin(), more.end(), std::back_inserter(routes));
}

}  // namespace

std::vector<Route> all_routes(Engine& engine, const std::string& default_collection,
                              metrics::NodeMetricsPtr metrics, std::uint32_t idempotency_window_s) {
  const auto pages = std::make_shared<Pages>();
  const auto warm_up = std::make_shared<WarmUp>(engine);
  std::vector<Route> routes;
  append(routes, collection_routes(engine));
  append(routes, document_routes(engine));
  append(routes, export_routes(engine));
  append(routes, search_routes(engine, default_collection));
  append(routes, centroid_routes(engine));
  append(routes, job_routes(engine));
  append(routes, backup_routes(engine));
  append(routes, cluster_routes(engine));
  append(routes, health_routes(engine, metrics, warm_up));
  append(routes, metrics_routes(std::move(metrics)));
  append(routes, fault_routes(engine));
  append(routes, log_routes());
  append(routes, page_routes(pages));
  pages->openapi = openapi_json(routes);
  pages->docs = docs_page(routes);
  serve_once(routes, std::make_shared<Idempotency>(engine, idempotency_window_s));
  serve_when_warm(routes, warm_up);
  return routes;
}

}  // namespace mosaic::http
