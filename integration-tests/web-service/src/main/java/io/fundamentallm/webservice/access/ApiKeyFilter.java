package io.fundamentallm.webservice.access;

import io.fundamentallm.webservice.error.ApiException;
import java.util.List;
import org.jspecify.annotations.Nullable;
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
    return key.isAccepted(header) ? chain.filter(exchange) : Mono.error(refused(mistake(header)));
  }

  /** What is wrong with a header, without anything of what it has: that may be the key. */
  private static String mistake(@Nullable String header) {
    String bearer = "Authorization: Bearer KEY";
    if (header == null || header.isBlank()) {
      return "no key was given; send it as the header "
          + bearer
          + " or "
          + ApiKey.ANTHROPIC
          + ": KEY";
    } else if (!ApiKey.isPresent(header)) {
      return header.strip().indexOf(' ') < 0 && !header.strip().equalsIgnoreCase("Bearer")
          ? "the header Authorization lacks the word Bearer before the key: send " + bearer
          : "the header Authorization is not of the form that carries a key: send " + bearer;
    }
    return ApiKey.isTwiceBearer(header)
        ? "the word Bearer stands twice before the key; the header x-api-key takes the key alone"
        : "the key is not the right one";
  }

  private static ApiException refused(String message) {
    return new ApiException(
        HttpStatus.UNAUTHORIZED, "invalid_request_error", null, "invalid_api_key", message);
  }

  private static PathPattern pattern(String text) {
    return PathPatternParser.defaultInstance.parse(text);
  }
}
