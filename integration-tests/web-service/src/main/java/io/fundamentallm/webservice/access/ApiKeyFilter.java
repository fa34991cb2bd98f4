package io.fundamentallm.webservice.access;

import io.fundamentallm.webservice.error.ApiException;
import java.util.List;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.PathContainer;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.publisher.Mono;

/**
 * Requires the key, if the settings have one, for everything but the page and the service's health.
 * Paths are matched as the framework matches them when it looks for a handler.
 */
@Component
@Order(0)
final class ApiKeyFilter implements WebFilter {
  private static final List<PathPattern> PROTECTED =
      List.of(
          pattern("/v1/**"),
          pattern("/tokenize/**"),
          pattern("/detokenize/**"),
          pattern("/actuator/**"));
  private static final PathPattern HEALTH = pattern("/actuator/health/**");

  private final ApiKey key;

  ApiKeyFilter(ApiKey key) {
    this.key = key;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    PathContainer path = exchange.getRequest().getPath().pathWithinApplication();
    if (!key.isRequired()
        || HEALTH.matches(path)
        || PROTECTED.stream().noneMatch(pattern -> pattern.matches(path))) {
      return chain.filter(exchange);
    }
    HttpHeaders headers = exchange.getRequest().getHeaders();
    String header =
        ApiKey.header(
            headers.getFirst(HttpHeaders.AUTHORIZATION), headers.getFirst(ApiKey.ANTHROPIC));
    if (!ApiKey.isPresent(header)) {
      return Mono.error(
          refused("no key was given; send it as the header Authorization: Bearer KEY"));
    }
    return key.isAccepted(header)
        ? chain.filter(exchange)
        : Mono.error(refused("the key is not the right one"));
  }

  private static ApiException refused(String message) {
    return new ApiException(
        HttpStatus.UNAUTHORIZED, "invalid_request_error", null, "invalid_api_key", message);
  }

  private static PathPattern pattern(String text) {
    return PathPatternParser.defaultInstance.parse(text);
  }
}
