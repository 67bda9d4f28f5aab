// The pages for people: `/docs`, made from the route table and the schemas, and the page at `/`.
// Plain HTML and CSS without anything from elsewhere. Pure: made once at start.
#pragma once

#include <string>
#include <vector>

#include "http/route.hpp"

namespace mosaic::http {

std::string docs_page(const std::vector<Route>& routes);
std::string home_page();

}  // namespace mosaic::http
