// Finds the route of a request and sees to it that every failure leaves as a problem. Holds the
// route table; const after construction, so every session calls it from its own thread.
#pragma once

#include <vector>

#include "http/route.hpp"

namespace mosaic::http {

class Router {
 public:
  explicit Router(std::vector<Route> routes);

  /// Calls `respond` exactly once, now or later, from any thread. Gives the pattern of the route
  /// that was found, or
  /// metrics::kOtherRoute.
  std::string_view serve(Request request, const Respond& respond) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Match {
    const Route* route = nullptr;
    std::string allow;  ///< methods of the path when the route is null; empty: no such path
    NamedValues values;
  };

  Match match(std::string_view method, const std::vector<std::string>& segments) const;
  void dispatch(Request request, const Respond& respond, std::string_view& route) const;

  std::vector<Route> routes_;
  std::vector<std::vector<std::string_view>> patterns_;  ///< segments, same order as routes_
};

}  // namespace mosaic::http
