#pragma once

#include "actors/box/homepage_routes.hpp"
#include "actors/box/rights_request.hpp"
#include "actors/web/call.hpp"
#include "messages/result.hpp"
#include "transport/cors.hpp"
#include "transport/http_exchange.hpp"
#include "transport/jsonrpc.hpp"

#include <memory>
#include <string>
#include <vector>

/// One request on its way through the homepage.
namespace troupe::box {

/// What every answer tells other origins' pages they may read.
transport::cors_options cors_for(const route& which);

/// A call of the box: knows its route and who sent it, answers in the route's own style, with CORS.
class call final : public web::call {
public:
  call(transport::http_exchange exchange, const route& which, std::vector<std::string> parameters,
       caller who, std::shared_ptr<web::request_metrics> metrics);
  ~call() override;

  const route& which() const { return route_; }
  const caller& who() const { return who_; }

  void answer(transport::http_response response) override;
  void refuse(const fault& problem) override;
  /// The result of a JSON-RPC call; null is left out.
  void answer_result(const transport::json_value& result);

  bool brings_token = false;        ///< its page may read what becomes of the token
  transport::json_value rpc_id;     ///< of a JSON-RPC call
  transport::json_value rpc_params; ///< likewise; moved out by the handler that needs it

private:
  std::string caller_name() const override { return who_.name(); }

  const route& route_;
  caller who_;
};

/// A fault as an ePOS answer without a printer.
transport::http_response epos_refusal(const fault& problem);

} // namespace troupe::box
